from genart_assets.storage.chunks import chunks


def test_pieces_hold_a_fixed_number_of_present_rows() -> None:
    failed = {"b": "poison", "f": "nan"}
    assert list(chunks("abcdefg", failed.get, 2)) == [
        (("a", "c"), {"b": "poison"}),
        (("d", "e"), {"f": "nan"}),
        (("g",), {}),
    ]


def test_failed_rows_alone_are_a_piece() -> None:
    assert list(chunks("b", {"b": "poison"}.get, 2)) == [((), {"b": "poison"})]
    assert list(chunks("", {}.get, 2)) == []
