"""The strip of pictures: what each of them shows is written beneath and in the table, and a false file is refused."""

import base64
import io

import PIL.Image
import pytest

from assessments.presentation.charts import PDF, image_strip


def png(width: int, height: int) -> str:
    stream = io.BytesIO()
    PIL.Image.new("RGB", (width, height)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def test_strip_names_each_picture_and_keeps_the_proportions() -> None:
    drawing = image_strip(png(296, 96), ["original", "perturbed", "difference"], title="Sample 3", palette=PDF)
    assert [row[1] for row in drawing.data_table.rows] == ["original", "perturbed", "difference"]
    assert "<title>Sample 3</title>" in drawing
    assert "original, perturbed, difference" in drawing
    assert 'width="288" height="93.41"' in drawing


@pytest.mark.parametrize("given", ["", "bm90IGEgcGljdHVyZSBhdCBhbGw=", base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()])
def test_what_is_no_picture_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="PNG"):
        image_strip(given, ["original"])


def test_a_strip_without_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        image_strip(png(2, 2), [])
