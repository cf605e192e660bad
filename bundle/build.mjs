// node build.mjs FILE writes the library with the traces that plotly.js names.
import { build } from "esbuild";

await build({
  entryPoints: ["plotly.js"],
  outfile: process.argv[2],
  bundle: true,
  format: "iife",
  minify: true,
  charset: "utf8",
  legalComments: "eof",
  target: "es2020",
  define: { global: "window", "process.env.NODE_DEBUG": "false" },
  // Only maps bring a style sheet, which they would add to the page against its policy.
  loader: { ".css": "empty" },
});
