"""Known value, property, errors: tables, pictures and texts of one's own."""

import csv

import numpy as np
import pytest

from fdl import data
from fdl.errors import DataError

HEAD = "id,ash,hue,kind\n"


@pytest.fixture
def table(tmp_path):
    def write(text, **kwargs):
        path = tmp_path / "wines.csv"
        path.write_bytes(text.encode(kwargs.pop("encoding", "utf-8")))
        return data.read_table(path, **{"target": "kind", **kwargs})

    return write


def test_a_table_is_numbers_and_labels(table):
    found = table(HEAD + "1, 2.5,-3e1,white\n\n2,0,4,red\n3,1,1,white\n")
    assert found.x.tolist() == [[1, 2.5, -30], [2, 0, 4], [3, 1, 1]]
    assert (found.x.dtype, found.y.dtype) == (np.float32, np.int64)
    assert found.classes == ("red", "white")
    assert found.y.tolist() == [1, 0, 1]
    assert found.columns == ("id", "ash", "hue")
    assert len(found) == 3
    assert repr(found).endswith("columns id, ash, hue; classes red, white)")
    assert (found.source.name, found.source.kind) == ("wines.csv", "official")


def test_columns_are_chosen_and_ordered_by_name(table):
    text = HEAD + "a,2,3,0\nb,4,5,1\n"
    found = table(text, columns=["hue", "ash"])
    assert found.x.tolist() == [[3, 2], [5, 4]]
    assert found.classes == ("0", "1")
    number = table(text, columns=["ash"], target="hue", kind="numbers")
    assert (number.y.tolist(), number.classes) == ([3, 5], ())
    assert number.y.dtype == np.float32


def test_spreadsheets_marks_and_quotes_are_read(table):
    text = '\ufeffash,kind\r\n1,"white, dry"\r\n2,"two\nlines"\r\n'
    found = table(text)
    assert found.columns == ("ash",)
    assert found.classes == ("two\nlines", "white, dry")


def test_what_python_writes_comes_back(table, tmp_path):
    x = np.random.normal(size=(30, 4)).astype("float32")
    y = np.random.randint(3, size=30)
    with open(tmp_path / "made.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "c", "d", "y"])
        writer.writerows([*row.tolist(), label] for row, label in zip(x, y))
    found = data.read_table(tmp_path / "made.csv", "y")
    np.testing.assert_array_equal(found.x, x)
    np.testing.assert_array_equal(found.y, y)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "no column 'kind'; its first line names none"),
        ("ash,hue\n1,2\n", "no column 'kind'; its .* names 'ash', 'hue'"),
        (HEAD, "no row below its first line"),
        (HEAD + "1,2,3,a\n1,2,b\n", "line 3 has 3 cells; .* names 4"),
        (HEAD + "\n1,big,3,a\n", "line 3: 'ash' must be a number; .*'big'"),
        (HEAD + "1,,3,a\n", "line 2: 'ash' must be a number; it is ''"),
        (HEAD + "1,nan,3,a\n", "line 2: 'ash' must be a number; it is 'nan'"),
        (HEAD + "1,2,3, \n", "line 2: 'kind' is empty"),
    ],
)
def test_a_tables_fault_is_named_with_its_line(table, text, rule):
    with pytest.raises(DataError, match=rf"wines\.csv.*{rule}"):
        table(text)


def test_a_tables_other_faults_are_named(table, tmp_path):
    good = HEAD + "1,2,3,a\n"
    with pytest.raises(DataError, match="no column 'hues'"):
        table(good, columns=["hues"])
    with pytest.raises(ValueError, match="`columns` .* 'kind' not among"):
        table(good, columns=["ash", "kind"])
    with pytest.raises(ValueError, match="`columns` .* must name a column"):
        table(good, columns=[])
    with pytest.raises(ValueError, match="`columns` .* list of columns"):
        table(good, columns="ash")
    with pytest.raises(ValueError, match="`kind` .* 'classes' or 'numbers'"):
        table(good, kind="text")
    with pytest.raises(DataError, match="line 2: 'kind' must be a number"):
        table(good, kind="numbers")
    with pytest.raises(DataError, match="is not UTF-8 text"):
        table("ash,kind\n1,Grüner\n", encoding="latin-1")
    with pytest.raises(DataError, match="cannot be read: No such file"):
        data.read_table(tmp_path / "lost.csv", "kind")


@pytest.fixture
def folder(tmp_path):
    pictures = pytest.importorskip("PIL.Image")

    def write(name, pixels):
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.fromarray(np.asarray(pixels, np.uint8)).save(path)

    write.path = tmp_path / "pets"
    return write


def test_folders_of_pictures_are_classes(folder):
    pixels = np.random.randint(256, size=(3, 5, 4, 3), dtype=np.uint8)
    folder("dog/b.png", pixels[2])
    folder("cat/a.PNG", pixels[0])
    folder("dog/a.png", pixels[1])
    (folder.path / "dog" / "notes.txt").write_text("no picture")
    (folder.path / "README").write_text("no class")
    found = data.read_images(folder.path)
    np.testing.assert_array_equal(found.images, pixels)
    assert found.labels.tolist() == [0, 1, 1]
    assert found.classes == ("cat", "dog")
    grey = data.read_images(folder.path, grey=True)
    assert grey.images.shape == (3, 5, 4)
    weights = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey.images, pixels @ weights, atol=1)


def test_pictures_are_brought_to_one_size_if_asked(folder):
    folder("cat/a.png", np.full((6, 8), 7))
    folder("dog/a.png", np.full((3, 5), 9))
    with pytest.raises(DataError, match=r"dog/a\.png is 3 x 5, and .* 6 x 8"):
        data.read_images(folder.path)
    found = data.read_images(folder.path, (4, 2), grey=True)
    assert found.images.shape == (2, 4, 2)
    assert found.images[:, 0, 0].tolist() == [7, 9]


def test_a_folders_fault_is_named(folder, tmp_path):
    with pytest.raises(DataError, match="pets is no folder"):
        data.read_images(folder.path)
    folder.path.mkdir()
    with pytest.raises(DataError, match="it holds no folder"):
        data.read_images(folder.path)
    folder("cat/a.png", np.zeros((2, 2)))
    (folder.path / "dog").mkdir()
    with pytest.raises(DataError, match="dog holds no picture"):
        data.read_images(folder.path)
    (folder.path / "dog" / "a.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"a\.png is no picture"):
        data.read_images(folder.path)


def test_lines_are_labels_and_texts(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes("good\t Ça va!\tWell \r\n\nbad\tNo.\u2028No!\n".encode())
    found = data.read_documents(path)
    assert found.texts == ["Ça va!\tWell", "No.\u2028No!"]
    assert found.classes == ("bad", "good")
    assert found.labels.tolist() == [1, 0]
    path.write_text("1, one\n0, none, at all\n")
    other = data.read_documents(path, ",")
    assert (other.texts, other.labels.tolist()) == (
        ["one", "none, at all"],
        [1, 0],
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("good\tyes\nbad no\n", r"line 2 must be a label, '\\t' and a text"),
        ("good\t \n", "line 1 must be a label"),
        ("\tyes\n", "line 1 must be a label"),
        (" \n", "has no line of text"),
    ],
)
def test_a_lines_fault_is_named(tmp_path, text, rule):
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=rule):
        data.read_documents(path)
