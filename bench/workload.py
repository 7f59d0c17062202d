"""The same messages for every engine. Imports nothing, as it is read in environments of all kinds."""

FIRST_ADDRESS = 1_000_000
"""Recipients are numbered from here on."""
TEXT = (
    2
    * "Dear customer, our shop opens at nine tomorrow, and what stands on the green shelf is half the price. "
)
