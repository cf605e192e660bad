// What the charts of the browser are drawn with: the library's core, which brings scatter, and the other traces that
// our figures name. A figure with another one needs two lines here; tests/okrplanner/test_bundle.py says so.
import Plotly from "plotly.js/lib/core";
import bar from "plotly.js/lib/bar";
import icicle from "plotly.js/lib/icicle";
import sankey from "plotly.js/lib/sankey";
import treemap from "plotly.js/lib/treemap";

Plotly.register([bar, icicle, sankey, treemap]);

window.Plotly = Plotly;
