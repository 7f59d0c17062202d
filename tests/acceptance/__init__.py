"""Tests of the whole product; one package, because its `product` is started once for all of them."""
