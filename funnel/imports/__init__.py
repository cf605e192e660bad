"""Many leads at once: lines read, judged, and written a thousand at a time."""
