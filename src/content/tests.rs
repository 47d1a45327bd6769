//! What is taken, what of it is kept, and what is refused; and that nothing that is sent brings the program down.

use std::io::Write as _;

use flate2::Crc;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::zip::Entry;
use super::{MediaType, Refusal, clean, find, zip};

const SECRET: &[u8] = b"Secret Person, 52.4N 1.5W";

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

/// A JPEG with these segments before its frame and these bytes after its end.
fn jpeg(extra: &[Vec<u8>], after: &[u8]) -> Vec<u8> {
    let frame = segment(0xc0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
    let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
    let jfif = segment(0xe0, b"JFIF\0\x01\x02\x00\x00\x01\x00\x01\x01\x01abc");
    let data = [0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56];
    [&[0xff, 0xd8], &jfif[..], &extra.concat(), &frame, &scan, &data, &[0xff, 0xd9], after].concat()
}

fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let named = [name, body].concat();
    let mut crc = Crc::new();
    crc.update(&named);
    [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &named, &crc.sum().to_be_bytes()].concat()
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn png(extra: &[Vec<u8>], after: &[u8]) -> Vec<u8> {
    let head = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let data = chunk(b"IDAT", &packed(&[0, 0]));
    [super::PNG, &head, &extra.concat(), &data, &chunk(b"IEND", &[]), after].concat()
}

fn pdf(body: &[u8]) -> Vec<u8> {
    [
        &b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"[..],
        b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n",
        body,
        b"\ntrailer\n<< /Root 1 0 R /Info 9 0 R >>\nstartxref\n9\n%%EOF\n",
    ]
    .concat()
}

/// The account that a PDF gives of itself.
const INFO: &[u8] =
    b"9 0 obj\n<< /Author (Secret \\) Per(so)n) /Title <5365> /Producer 8 0 R >>\nendobj\n8 0 obj\n(Secret)\nendobj\n";

fn stream(of: &str, content: &[u8]) -> Vec<u8> {
    [b"5 0 obj\n<< ", of.as_bytes(), b" >>\nstream\r\n", content, b"\nendstream\nendobj\n"].concat()
}

const RELATIONS: &str = "<Relationships><Relationship Id=\"r1\" Type=\"http://x/officeDocument\" Target=\"word/document.xml\"/>\
  <Relationship Id=\"r2\" Type=\"http://x/metadata/thumbnail\" Target=\"docProps/thumbnail.jpeg\"/></Relationships>";

fn docx(extra: &[(&str, &[u8])]) -> Vec<u8> {
    let types = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let parts: [(&str, &[u8]); 3] = [
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("word/document.xml", b"<w:document/>"),
    ];
    let of = |name: &&str| !extra.iter().any(|(other, _)| other == name);
    let parts = parts.iter().filter(|(name, _)| of(name)).chain(extra);
    zip::write(parts.map(|(name, content)| Entry::holding((*name).to_owned(), content.to_vec())).collect()).unwrap()
}

fn tells(bytes: &[u8], what: &[u8]) -> bool {
    find(bytes, what, 0).is_some()
}

#[test]
fn a_kind_is_told_by_its_content() {
    for (content, kind) in [
        (jpeg(&[], b""), Ok(MediaType::Jpeg)),
        (png(&[], b""), Ok(MediaType::Png)),
        (pdf(INFO), Ok(MediaType::Pdf)),
        (docx(&[]), Ok(MediaType::Docx)),
        ("Ein Brief.\nMit Umlauten: äöü\t✓".as_bytes().to_vec(), Ok(MediaType::Text)),
        ("ä".repeat(256).into_bytes()[1..].to_vec(), Err(Refusal::Kind)),
        (format!("a{}", "ä".repeat(400)).into_bytes(), Ok(MediaType::Text)),
        (b"".to_vec(), Err(Refusal::Kind)),
        (b"a\0b".to_vec(), Err(Refusal::Kind)),
        (b"a\x1bb".to_vec(), Err(Refusal::Kind)),
        ([b"a".repeat(600), vec![0xff]].concat(), Err(Refusal::Kind)),
        (b"\xff\xfea\0b\0".to_vec(), Err(Refusal::Kind)),
        (b"MZ\x90\0".to_vec(), Err(Refusal::Kind)),
        (b"\x7fELF\x02".to_vec(), Err(Refusal::Kind)),
        (b"GIF89a\x01\0".to_vec(), Err(Refusal::Kind)),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), Err(Refusal::Kind)),
        // an archive that is no document
        (zip::write(vec![Entry::holding("a.xml".into(), b"<a/>".to_vec())]).unwrap(), Err(Refusal::Kind)),
    ] {
        assert_eq!(
            clean(content.clone()).map(|cleaned| cleaned.media),
            kind,
            "{:?}",
            String::from_utf8_lossy(&content)
        );
    }
}

#[test]
fn a_photograph_keeps_its_picture_only() {
    let extra: Vec<_> = (0xe1..=0xef).chain([0xfe]).map(|marker| segment(marker, SECRET)).collect();
    let cleaned = clean(jpeg(&extra, SECRET)).unwrap().bytes;
    assert!(!tells(&cleaned, SECRET));
    // without the small picture in its head
    assert!(!tells(&cleaned, b"abc"));
    assert_eq!(cleaned, clean(jpeg(&[], b"")).unwrap().bytes);
    assert_eq!(clean(cleaned.clone()).unwrap().bytes, cleaned, "cleaned once for all");
    // how the colours are meant stays, and no more than that
    let adobe = segment(0xee, b"Adobe\0\x64\0\0\0\0\x01Secret Person");
    let cleaned = clean(jpeg(&[adobe], b"")).unwrap().bytes;
    assert!(tells(&cleaned, b"Adobe\0\x64\0\0\0\0\x01\xff") && !tells(&cleaned, b"Secret"));
    for cut in 3..jpeg(&[], b"").len() {
        assert_eq!(clean(jpeg(&[], b"")[..cut].to_vec()), Err(Refusal::Broken), "cut at {cut}");
    }
}

#[test]
fn a_picture_keeps_what_draws_it() {
    let extra: Vec<_> =
        [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"prVt"].map(|name| chunk(name, SECRET)).into();
    let cleaned = clean(png(&extra, SECRET)).unwrap().bytes;
    assert_eq!(cleaned, png(&[], b""));
    assert_eq!(
        clean(png(&[chunk(b"gAMA", &[0, 0, 1, 0])], b"")).unwrap().bytes,
        png(&[chunk(b"gAMA", &[0, 0, 1, 0])], b"")
    );
    // what would be needed to draw it is not known
    assert_eq!(clean(png(&[chunk(b"ABCD", b"")], b"")), Err(Refusal::Broken));
    let mut wrong = png(&[], b"");
    wrong[20] ^= 1;
    assert_eq!(clean(wrong), Err(Refusal::Broken), "its sums do not hold");
    for cut in 8..png(&[], b"").len() {
        assert!(clean(png(&[], b"")[..cut].to_vec()).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_document_that_does_something_is_refused() {
    let list = |names: &str| packed(format!("7 0 8 20 << /S {names} >> << /A 1 >>").as_bytes());
    for (body, refused) in [
        (b"3 0 obj << /S /JavaScript /JS (app.alert\\(1\\)) >> endobj\n".to_vec(), Refusal::Active),
        (b"3 0 obj << /S /J#61va#53cript >> endobj\n".to_vec(), Refusal::Active),
        (b"3 0 obj << /S/Launch/F(a.exe) >> endobj\n".to_vec(), Refusal::Active),
        (b"3 0 obj << /Type /EmbeddedFile >> endobj\n".to_vec(), Refusal::Active),
        (b"3 0 obj << /Names << /EmbeddedFiles 4 0 R >> >> endobj\n".to_vec(), Refusal::Active),
        (b"3 0 obj << /XFA [] >> endobj\n".to_vec(), Refusal::Active),
        (stream("/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode", &list("/JavaScript")), Refusal::Active),
        (stream("/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode", &list("/#4aavaScript")), Refusal::Active),
        // nor does it help to call the list something else
        (stream("/Filter /FlateDecode", &list("/Launch")), Refusal::Active),
        (stream("/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]", b"789c"), Refusal::Hidden),
        (b"3 0 obj << /Encrypt 4 0 R >> endobj\n".to_vec(), Refusal::Hidden),
        (stream("/Type /ObjStm /Filter /FlateDecode", &packed(&b"1 ".repeat(40 << 20))), Refusal::Hidden),
        (stream("/Type /Metadata /Filter /FlateDecode", &packed(b"<?xpacket begin=''?>")), Refusal::Metadata),
        // remarks of readers, each with the name of who made it
        (b"3 0 obj << /Type /Annot /Subtype/Highlight /T (Secret) >> endobj\n".to_vec(), Refusal::Metadata),
        (b"3 0 obj << /Subtype /T#65xt /T (Secret) /Contents (Secret) >> endobj\n".to_vec(), Refusal::Metadata),
        (stream("/Filter /FlateDecode", &list("/A /Subtype /Popup")), Refusal::Metadata),
    ] {
        assert_eq!(clean(pdf(&[INFO, &body].concat())), Err(refused), "{:.80}", String::from_utf8_lossy(&body));
    }
    // what it says of itself lies where it cannot be overwritten
    assert_eq!(clean(pdf(b"")), Err(Refusal::Metadata));
    assert_eq!(clean(b"%PDF-1.7\nnothing".to_vec()), Err(Refusal::Broken));
}

/// However many properties are named, and whatever stands open, each byte is looked at a few times and no more.
#[test]
fn a_document_of_many_properties_takes_no_time() {
    let many = |each: &dyn Fn(usize) -> String| (1..60_000).map(each).collect::<String>().into_bytes();
    let named = many(&|n| format!("{n} 0 obj (Secret)\n/Info {n} 0 R\n"));
    let chained = many(&|n| format!("{n} 0 obj << /A {} 0 R >>\n", n + 1));
    let began = std::time::Instant::now();
    assert_eq!(clean(pdf(&named)), Err(Refusal::Metadata));
    let _ = clean(pdf(&[INFO, &chained].concat()));
    // pictures that begin within each other
    let pictures = b"\xff\xdb\x00\x0bstream\n\xff\xd8".repeat(60_000);
    assert_eq!(clean(pdf(&[INFO, &pictures].concat())).err(), Some(Refusal::Hidden));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn a_document_loses_what_it_says_of_itself() {
    let account = b"<?xpacket begin='' id=''?><x:xmpmeta>Secret</x:xmpmeta><?xpacket end='w'?>";
    let photograph = jpeg(&[segment(0xe1, b"Exif Secret"), segment(0xfe, b"Secret")], b"");
    let page = stream("/Filter /FlateDecode", &packed(b"BT (Shown to its readers) Tj ET"));
    // a link and a field of a form are no remarks
    let page = [
        &b"6 0 obj << /Subtype /Link >> endobj 7 0 obj << /Subtype /Widget /ProcSet [/PDF /Text] >> endobj\n"[..],
        &page,
    ];
    let page = page.concat();
    let body = [INFO, &stream("/Type /Metadata", account), &stream("/Filter /DCTDecode", &photograph), &page].concat();
    let before = pdf(&body);
    let after = clean(before.clone()).unwrap().bytes;
    assert_eq!(after.len(), before.len(), "nothing changes its place");
    assert!(tells(&before, b"Secret") && !tells(&after, b"Secret"), "{}", String::from_utf8_lossy(&after));
    assert!(!tells(&after, b"5365") && tells(&after, b"<2020>"));
    assert!(tells(&after, &page), "what it shows stays");
    assert_eq!(clean(after.clone()).unwrap().bytes, after, "cleaned once for all");
}

/// Where a picture ends says the picture, and not a word in what it tells of itself.
#[test]
fn a_photograph_in_a_document_is_looked_at_to_its_end() {
    let photograph = jpeg(&[segment(0xfe, b"endstream"), segment(0xe1, SECRET)], b"");
    let body = [INFO, &stream("/Filter /DCTDecode", &photograph)].concat();
    assert!(!tells(&clean(pdf(&body)).unwrap().bytes, SECRET));
}

#[test]
fn a_word_document_of_many_fields_takes_no_time() {
    let fields = b"<w:fldSimple w:instr=\"PAGE\"/>".repeat(200_000);
    let began = std::time::Instant::now();
    assert!(clean(docx(&[("word/document.xml", &fields)])).is_ok());
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn a_word_document_loses_its_properties_and_keeps_its_text() {
    let photograph = jpeg(&[segment(0xe1, SECRET)], b"");
    let before = docx(&[
        ("docProps/core.xml", b"<dc:creator>Secret Person, 52.4N 1.5W</dc:creator>"),
        ("docProps/thumbnail.jpeg", SECRET),
        ("word/media/image1.jpeg", &photograph),
        ("customXml/item1.xml", b"<p:properties><Author>Secret Person, 52.4N 1.5W</Author></p:properties>"),
        ("customXml/_rels/item1.xml.rels", b"<Relationships/>"),
        ("word/_rels/document.xml.rels", b"<Relationships><Relationship Id=\"l\" Type=\"http://x/hyperlink\" Target=\"https://example.org\" TargetMode=\"External\"/><Relationship Id=\"c\" Type=\"http://x/relationships/customXml\" Target=\"../customXml/item1.xml\"/></Relationships>"),
        ("word/document.xml", b"<w:document>What she said.<w:instrText> PAGE </w:instrText></w:document>"),
    ]);
    let after = clean(before).unwrap().bytes;
    for gone in [SECRET, b"thumbnail", b"customXml"] {
        assert!(!tells(&after, gone), "{}", String::from_utf8_lossy(gone));
    }
    let parts = zip::read(&after).unwrap();
    let part = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.content.clone());
    assert!(tells(&part("docProps/core.xml").unwrap(), b"coreProperties"));
    assert!(tells(&part("word/document.xml").unwrap(), b"What she said."));
    assert!(tells(&part("_rels/.rels").unwrap(), b"officeDocument"));
    assert!(tells(&part("word/_rels/document.xml.rels").unwrap(), b"example.org"), "a link is for people to open");
    assert_eq!(clean(after.clone()).unwrap().bytes, after, "cleaned once for all");
}

#[test]
fn a_word_document_that_does_something_is_refused() {
    let outside = "<Relationships><Relationship Id=\"r\" Type=\"http://x/attachedTemplate\" Target=\"http://evil/t.dotm\" TargetMode=\"External\"/></Relationships>";
    let hidden = outside.replace("External", "&#69;xternal");
    let other = outside.replace("<Relationship ", "<r:Relationship ");
    let in_lines = outside.replace("<Relationship ", "<Relationship\n\t");
    let quoted = outside.replace("t.dotm", "t.dotm?>");
    let types =
        "<Types>application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml macroEnabled</Types>";
    for ((name, content), refused) in [
        (("word/vbaProject.bin", &b"x"[..]), Refusal::Active),
        (("word/embeddings/oleObject1.xml", b"x"), Refusal::Active),
        (("word/activeX/activeX1.xml", b"x"), Refusal::Active),
        (("word/run.exe", b"x"), Refusal::Active),
        (("word/_rels/settings.xml.rels", outside.as_bytes()), Refusal::Active),
        (("word/_rels/settings.xml.rels", hidden.as_bytes()), Refusal::Hidden),
        (("word/_rels/settings.xml.rels", other.as_bytes()), Refusal::Hidden),
        (("[Content_Types].xml", types.as_bytes()), Refusal::Active),
        (
            ("word/document.xml", b"<w:instrText> DDE</w:instrText><w:instrText>AUTO c:\\\\x </w:instrText>"),
            Refusal::Active,
        ),
        (("word/_rels/settings.xml.rels", in_lines.as_bytes()), Refusal::Active),
        (("word/_rels/settings.xml.rels", quoted.as_bytes()), Refusal::Active),
        (("word/_rels/settings.xml.rels", b"<Relationships><Relationship"), Refusal::Broken),
        (("word/document.xml", b"<w:fldSimple w:instr=\"DDEAUTO c:\\x\"/>"), Refusal::Active),
        (("word/document.xml", b"<w:instrText><![CDATA[DDE]]></w:instrText>"), Refusal::Active),
        (("word/document.xml", b"<w:instrText>D&#68;E</w:instrText>"), Refusal::Hidden),
        (("word/document.xml", b"<w:del\nw:author=\"Secret\">She lied.</w:del>"), Refusal::Metadata),
        (("word/media/image1.tif", b"II*"), Refusal::Active),
        (("word/media/image1.gif", b"GIF89a"), Refusal::Metadata),
        (("word/media/image1.emf", b"\x01\0\0\0"), Refusal::Metadata),
        (("word/media/image1.WMF", b"\xd7\xcd\xc6\x9a"), Refusal::Metadata),
        (("word/document.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), Refusal::Hidden),
        (("word/document.xml", b"\xff\xfe<\0a\0"), Refusal::Hidden),
        (("word/document.xml", b"<w:del w:author=\"Secret\">She lied.</w:del>"), Refusal::Metadata),
        (("word/comments.xml", b"<w:comments/>"), Refusal::Metadata),
        (("word/people.xml", b"<w15:people/>"), Refusal::Metadata),
        (("../word/document.xml", b"x"), Refusal::Broken),
        (("/word/document.xml", b"x"), Refusal::Broken),
        (("WORD/document.XML", b"x"), Refusal::Broken),
    ] {
        assert_eq!(clean(docx(&[(name, content)])), Err(refused), "{name}: {}", String::from_utf8_lossy(content));
    }
    let mut after = docx(&[]);
    after.extend(SECRET);
    assert_eq!(clean(after), Err(Refusal::Broken), "something stands after its end");
    let mut encrypted = docx(&[]);
    let at = find(&encrypted, b"PK\x01\x02", 0).unwrap();
    encrypted[at + 8] |= 1;
    assert_eq!(clean(encrypted), Err(Refusal::Hidden));
}

/// An archive whose only part unpacks to as many bytes as are said, or many more.
#[test]
fn what_unpacks_without_end_is_refused() {
    let mut bomb = zip::write(vec![Entry::holding("[Content_Types].xml".into(), vec![b' '; 16])]).unwrap();
    let at = find(&bomb, b"PK\x01\x02", 0).unwrap();
    bomb[at + 24..at + 28].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    assert_eq!(clean(bomb), Err(Refusal::Hidden));
}

proptest! {
    #[test]
    fn nothing_that_is_sent_brings_it_down(kind in 0..4_usize, bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let begins: [&[u8]; 4] = [super::PDF, super::PNG, super::JPEG, super::ZIP];
        let _ = clean([begins[kind], &bytes].concat());
    }

    #[test]
    fn nothing_that_is_changed_brings_it_down(kind in 0..4_usize, at in any::<usize>(), byte in any::<u8>()) {
        let mut content = vec![pdf(&[INFO, &stream("/Filter /FlateDecode", &packed(b"1 0 2 3 << /A (b) >>"))].concat()),
            png(&[chunk(b"tEXt", SECRET)], b""), jpeg(&[segment(0xe1, SECRET)], b""), docx(&[])].swap_remove(kind);
        let at = at % content.len();
        content[at] = byte;
        if let Ok(cleaned) = clean(content) {
            // what is kept is kept again as it is
            let again = clean(cleaned.bytes.clone());
            prop_assert_eq!(again.map(|again| again.bytes), Ok(cleaned.bytes));
        }
    }

    #[test]
    fn no_text_beside_the_picture_stays(words in proptest::collection::vec(("[a-z]{8,40}", 0..16_usize), 0..8)) {
        const PLACES: [u8; 16] = [0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef, 0xfe];
        let segments: Vec<_> = words.iter().map(|(word, place)| segment(PLACES[*place], word.as_bytes())).collect();
        let cleaned = clean(jpeg(&segments, b"")).unwrap().bytes;
        prop_assert_eq!(&cleaned, &clean(jpeg(&[], b"")).unwrap().bytes);
        let chunks: Vec<_> = words.iter().map(|(word, _)| chunk(b"tEXt", word.as_bytes())).collect();
        prop_assert_eq!(clean(png(&chunks, b"")).unwrap().bytes, png(&[], b""));
    }
}
