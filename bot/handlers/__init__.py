"""What a tap on a button does, one file for each family of buttons."""
