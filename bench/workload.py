"""Messages for every engine. Imports nothing, as it is used in different environments."""

FIRST_ADDRESS = 5_000_000_000
"""Number of the first recipient, in the range of newer Telegram users."""
TEXT = (
    2
    * "Dear customer, our shop opens at nine tomorrow, and everything on the green shelf is half the price. "
)
