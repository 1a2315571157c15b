"""Standards in the formats of others: OSCAL, CycloneDX, spreadsheet, Markdown. Pure: no database here."""
