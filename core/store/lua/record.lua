-- Outcomes of claimed deliveries. ARGV: the outcomes as JSON, as outcomes.lua takes them. Returns how many were recorded.
return record_outcomes(cjson.decode(ARGV[1]), now_ms())
