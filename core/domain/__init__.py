"""The words of the product as types. Standard library only; see docs/glossary.md."""
