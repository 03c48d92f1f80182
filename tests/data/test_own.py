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
    found = table(
        HEAD + "1, 2.5,-3e1,white\n\n , ,,\n2,0,4,red\n3,1,1,white\n"
    )
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
        (HEAD + "1,1e39,3,a\n", "line 2: 'ash' must be a smaller number"),
        (HEAD + "9" * 400 + ",2,3,a\n", "be a smaller .* is '9{37}...'"),
        ("id,ash,ash,kind\n1,2,3,a\n", "names two columns 'ash'"),
        (HEAD + '1,2,3,"a\n4,5,6,b\n', "line 3 is no line of a table"),
        (HEAD + "1,2,3," + "a" * 200_000, "is no line of a table: field"),
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
    with pytest.raises(ValueError, match="`columns` .* once each"):
        table(good, columns=["ash", "ash"])
    with pytest.raises(ValueError, match="`columns` .* list of columns"):
        table(good, columns=2)
    assert table(good, columns=iter(["ash"])).columns == ("ash",)
    sheet = "ash,kind,,\n1,a,,\n"  # columns without a name, unasked for
    assert table(sheet, columns=["ash"]).x.tolist() == [[1]]
    with pytest.raises(DataError, match="names two columns ''"):
        table(sheet)
    with pytest.raises(DataError, match="'hue' must be a smaller number"):
        table(
            HEAD + "1,2,-1e39,a\n",
            target="hue",
            columns=["ash"],
            kind="numbers",
        )
    with pytest.raises(ValueError, match="`kind` .* 'classes' or 'numbers'"):
        table(good, kind="text")
    with pytest.raises(DataError, match="line 2: 'kind' must be a number"):
        table(good, kind="numbers")
    with pytest.raises(DataError, match="is not UTF-8 text"):
        table("ash,kind\n1,Grüner\n", encoding="latin-1")
    with pytest.raises(DataError, match="cannot be read: No such file"):
        data.read_table(tmp_path / "lost.csv", "kind")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        data.read_table(tmp_path, "kind")
    with pytest.raises(ValueError, match=r"`path` \(=None\) must be a path"):
        data.read_table(None, "kind")


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


def test_a_smaller_picture_blends_its_pixels(folder):
    folder("cat/a.png", np.tile([[0, 200], [200, 0]], (4, 4)))
    found = data.read_images(folder.path, (2, 2), grey=True)
    np.testing.assert_allclose(found.images[0], 100, atol=10)


def test_hidden_files_are_passed_over(folder):
    folder("cat/a.png", np.zeros((2, 2)))
    folder(".ipynb_checkpoints/b.png", np.zeros((2, 2)))
    (folder.path / "cat" / "._a.png").write_bytes(b"a file manager's notes")
    found = data.read_images(folder.path)
    assert (len(found.images), found.classes) == (1, ("cat",))


def test_a_photo_taken_on_the_side_is_turned(folder):
    from PIL import Image

    folder.path.joinpath("cat").mkdir(parents=True)
    photo = Image.fromarray(np.uint8([[0, 0, 0], [250, 250, 250]]))
    held = photo.getexif()
    held[0x0112] = 6  # "orientation": the first row is the right-hand side
    photo.save(folder.path / "cat" / "a.png", exif=held)
    found = data.read_images(folder.path, grey=True).images
    assert found.tolist() == [[[250, 0]] * 3]


@pytest.mark.parametrize("size", [5, (3,), (2, 3, 4), (0, 3), (1.5, 2), "ab"])
def test_a_size_that_is_none_is_named(folder, size):
    folder("cat/a.png", np.zeros((2, 2)))
    with pytest.raises(ValueError, match="`size` .* height and width"):
        data.read_images(folder.path, size)


def test_a_damaged_or_unusual_picture_is_named(folder):
    from PIL import Image

    noise = np.random.randint(256, size=(200, 200))
    folder("cat/a.png", noise)
    path = folder.path / "cat" / "a.png"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"a\.png is no picture: .*truncated"):
        data.read_images(folder.path)
    Image.fromarray(np.uint16(noise)).save(path)
    with pytest.raises(DataError, match=r"a\.png has more than 8 bits"):
        data.read_images(folder.path)


def test_a_picture_too_large_to_open_is_named(folder, monkeypatch):
    from PIL import Image

    folder("cat/a.png", np.zeros((20, 20)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match=r"a\.png is no picture: .*exceeds"):
        data.read_images(folder.path)


def test_a_folders_fault_is_named(folder, tmp_path):
    with pytest.raises(ValueError, match=r"`folder` \(=3\) must be a path"):
        data.read_images(3)
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


@pytest.mark.parametrize("separator", ["", None, 3])
def test_a_separator_that_is_none_is_named(tmp_path, separator):
    path = tmp_path / "notes.txt"
    path.write_text("good\tyes\n")
    with pytest.raises(ValueError, match="`separator` .* a character or more"):
        data.read_documents(path, separator)


def test_a_table_of_ones_own_is_of_one_piece():
    table = data.Table([[1, 2]], [3], ("a", "b"))
    assert (table.x.dtype, table.y.dtype) == (np.float32, np.int64)
    assert data.Table([[1, 2]], [0.5], ("a", "b")).y.dtype == np.float32
    assert data.Table([[1, 2]], [True], ("a", "b")).y.dtype == np.int64
    with pytest.raises(ValueError, match=r"`x` .*\(1, 2\).* \(N, 1\)"):
        data.Table([[1, 2]], [3], ("a",))
    with pytest.raises(ValueError, match=r"`y` .*\(2,\).* \(1,\), one for e"):
        data.Table([[1, 2]], [3, 4], ("a", "b"))
