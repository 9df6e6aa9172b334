from PIL import Image

from fastst.images.contact_sheet import contact_sheet

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def test_pictures_lie_in_rows_over_their_text() -> None:
    cells = [("a", Image.new("RGB", (80, 40), RED)), ("b", Image.new("RGB", (40, 20), BLUE))]
    sheet = contact_sheet(cells, columns=1, cell=40)
    # 40 + 2 * 8 wide; two rows of 20 + 8 + 22 and a margin of 8 high.
    assert sheet.size == (56, 108)
    assert sheet.getpixel((8, 8)) == sheet.getpixel((47, 27)) == RED
    assert sheet.getpixel((8, 58)) == sheet.getpixel((47, 77)) == BLUE
    text = sheet.crop((0, 28, 56, 58))
    assert text.convert("L").getextrema()[0] < 100
    assert sheet.getpixel((7, 8)) == sheet.getpixel((48, 27)) == WHITE


def test_a_line_that_is_too_long_is_shortened_to_its_place() -> None:
    cells = [
        ("starry-night " * 9, Image.new("RGB", (60, 60), WHITE)),
        ("", Image.new("RGB", (60, 60), WHITE)),
    ]
    sheet = contact_sheet(cells, columns=2, cell=60).convert("L")
    assert sheet.crop((8, 60, 68, 98)).getextrema()[0] < 100
    assert sheet.crop((69, 0, *sheet.size)).getextrema()[0] == 255


def test_columns_make_a_sheet_that_is_wider_than_high_with_a_full_last_row() -> None:
    for count in range(1, 30):
        for size in ((100, 66), (66, 100), (100, 100)):
            cells = [("", Image.new("RGB", size))] * count
            sheet = contact_sheet(cells, cell=100)
            columns = (sheet.width - 8) // 108
            rows = -(-count // columns)
            assert columns * rows - count < rows
            if count > 5:
                assert 0.75 < sheet.width / sheet.height < 2.6
