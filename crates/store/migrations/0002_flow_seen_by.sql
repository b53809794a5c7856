-- Which sensors and captures saw a conversation: their names in order, parted by U+001F.
ALTER TABLE flow ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
