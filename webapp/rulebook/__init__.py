"""The civic numbers of every territory, dated and public, and the calendar that its terms are counted in."""
