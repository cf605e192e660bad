"""A cycle's report in words and drawings, on paper, and as a workbook."""
