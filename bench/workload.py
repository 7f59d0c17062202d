"""The same messages for every engine. Imports nothing, as it is read in environments of all kinds."""

FIRST_ADDRESS = 5_000_000_000
"""Recipients are numbered from here on, in the range of Telegram's newer users."""
TEXT = (
    2
    * "Dear customer, our shop opens at nine tomorrow, and what stands on the green shelf is half the price. "
)
