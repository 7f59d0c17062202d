"""Carries deliveries out: takes jobs, sends them through the messengers, records what became of them."""
