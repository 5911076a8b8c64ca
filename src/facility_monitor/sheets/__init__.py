"""Tables on paper and in spreadsheets: one description (``sheets.sheet``), written as XLSX or as PDF."""
