"""Cut Noto CJK (OFL 1.1, Debian packages fonts-noto-cjk and fonts-noto-cjk-extra) to small glyf TrueType faces for
the certificate.

python make_fonts.py OUT_DIR      needs fonttools; about two minutes a face

Kept: GB 2312, the common half of Big5, Latin with accents, Greek, Cyrillic, punctuation, arrows, box and
mathematical signs, full-width forms. Outlines become quadratic (cu2qu, 1 unit of 1000), since cut CFF faces lose
text in some PDF readers. Renamed, as the licence's reserved name demands.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

FACES = {  # file: (collection, family, style, weight)
    "TrustSans-Regular.ttf": ("NotoSansCJK-Regular.ttc", "Trust Sans", "Regular", 400),
    "TrustSans-Bold.ttf": ("NotoSansCJK-Bold.ttc", "Trust Sans", "Bold", 700),
    "TrustSerif-Bold.ttf": ("NotoSerifCJK-Bold.ttc", "Trust Serif", "Bold", 700),
}
SOURCE = Path("/usr/share/fonts/opentype/noto")


def characters():
    wanted = set()
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            wanted |= decoded(bytes((lead, trail)), "gb2312")
    for lead in range(0xA1, 0xC7):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            wanted |= decoded(bytes((lead, trail)), "big5")
    for first, last in (
        (0x20, 0x7E),
        (0xA0, 0x24F),
        (0x2B0, 0x36F),
        (0x370, 0x3FF),
        (0x400, 0x4FF),
        (0x1E00, 0x1EFF),
        (0x2000, 0x206F),
        (0x2070, 0x209F),
        (0x20A0, 0x20BF),
        (0x2100, 0x214F),
        (0x2150, 0x218F),
        (0x2190, 0x21FF),
        (0x2200, 0x22FF),
        (0x2460, 0x24FF),
        (0x2500, 0x257F),
        (0x25A0, 0x25FF),
        (0x2600, 0x26FF),
        (0x2700, 0x27BF),
        (0x3000, 0x303F),
        (0xFF00, 0xFFEF),
    ):
        wanted |= set(range(first, last + 1))
    return wanted


def decoded(raw, encoding):
    try:
        return {ord(c) for c in raw.decode(encoding)}
    except UnicodeDecodeError:
        return set()


def simplified_chinese(path):
    for font in TTCollection(path).fonts:
        if font["name"].getDebugName(1).endswith(" SC"):
            return font
    raise SystemExit(f"no SC face in {path}")


def to_glyf(font):
    order, glyphs, outlines = font.getGlyphOrder(), font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    for name in order:
        outlines[name].recalcBounds(font["glyf"])
    font["hmtx"].metrics = {
        n: (w, getattr(outlines[n], "xMin", 0) if outlines[n].numberOfContours else 0)
        for n, (w, _) in font["hmtx"].metrics.items()
    }
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in (
        "maxZones",
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
        "maxPoints",
        "maxContours",
        "maxCompositePoints",
        "maxCompositeContours",
        "maxComponentDepth",
    ):
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    font["head"].indexToLocFormat, font["head"].glyphDataFormat = 0, 0
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 3.0, [], {}
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font.sfntVersion = "\000\001\000\000"


def rename(font, family, style, weight):
    postscript = f"{family.replace(' ', '')}-{style}"
    names = font["name"]
    names.names = [n for n in names.names if n.platformID == 3 and n.langID == 0x409 and n.nameID in (0, 5, 13, 14)]
    for name_id, text in (
        (1, family),
        (2, style),
        (3, f"{postscript};cut from Noto CJK"),
        (4, f"{family} {style}"),
        (6, postscript),
    ):
        names.setName(text, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsType = 0


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    options = subset.Options(
        layout_features=["kern", "liga", "locl", "ccmp", "mark", "mkmk"],
        name_IDs=["*"],
        name_languages=["*"],
        notdef_outline=True,
        glyph_names=False,
        hinting=False,
        desubroutinize=True,
    )
    options.drop_tables += ["vhea", "vmtx", "BASE"]
    for file, (collection, family, style, weight) in FACES.items():
        font = simplified_chinese(SOURCE / collection)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=characters())
        cutter.subset(font)
        to_glyf(font)
        rename(font, family, style, weight)
        font.save(out / file)
        sys.stdout.write(f"{file}: {len(TTFont(out / file).getBestCmap())} characters\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
