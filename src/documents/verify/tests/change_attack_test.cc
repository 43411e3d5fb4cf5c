// Incremental saving attacks, shadow attacks, certification attacks: what is done after signing.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

using pdf::Array;
using pdf::Dictionary;
using pdf::Reference;
using pdf::Value;

constexpr std::string_view kHidden = "4 0 obj << /Length 9 >> stream\nBT ET % x\nendstream endobj";

// contract is a page with a text field and, unseen inside a stream, a second object 4.
pdf::PdfText contract() {
  pdf::PdfText text = pdf::PdfText::one_page();
  text.objects[1] =
      "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] /DR << /Font << /F1 5 0 R >> >> "
      ">> /X 6 0 R /Y 8 0 R >>";
  text.objects[3] =
      "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [7 0 R] /Resources << /Font << /F1 5 0 "
      "R >> >> >>";
  text.objects[6] = pdf::PdfText::stream("", std::string(kHidden));
  text.objects[7] =
      "<< /Type /Annot /Subtype /Widget /FT /Tx /T (rent) /V (5000) /Rect [10 10 90 30] /P 3 0 R "
      ">>";
  text.objects[8] = "<< /Type /Pages /Kids [] /Count 0 >>";
  return text;
}

struct Scene {
  explicit Scene(const testing::Suite& suite) : desk(7, suite) {}
  SigningDesk desk;
  Credential alice = desk.authority.make_person("Alice"), bob = desk.authority.make_person("Bob");
  Bytes ready = SigningDesk::with_fields(base::to_bytes(contract().with_table()), 2);
  Bytes once = desk.sign(ready, "party1", alice);
  Bytes twice = desk.sign(once, "party2", bob);

  Bytes certified(pdf::Certification level) {
    pdf::SignatureRequest request = SigningDesk::request("party1", kSignedAt);
    request.certification = level;
    return desk.sign(ready, request, alice);
  }
  Bytes changed(const Bytes& file, Reference id, const std::string& key, const Value& value) const {
    return Edit(file).change(id, [&](Dictionary& one) { one.set(key, value); }).finish();
  }
};

HEQI_WITH_EACH_SUITE(IncrementalSaving);
HEQI_WITH_EACH_SUITE(ShadowAttack);
HEQI_WITH_EACH_SUITE(FieldGames);
HEQI_WITH_EACH_SUITE(CertificationAttack);
HEQI_WITH_EACH_SUITE(StructureGames);

Value text(const std::string& value) {
  return pdf::String{base::to_bytes(value), false};
}

// with_annotation adds a note to the page.
Bytes with_annotation(const Bytes& file, const std::function<void(Dictionary&)>& how = {}) {
  Edit edit(file);
  Dictionary note = dictionary({{"Type", name("Annot")},
                                {"Subtype", name("FreeText")},
                                {"Rect", pdf::to_value(pdf::Rectangle{0, 0, 500, 500})}});
  if (how) how(note);
  const Reference id = edit.add(note);
  return edit
      .change(edit.page(),
              [&](Dictionary& page) {
                Array list = *page.find("Annots")->array();
                list.items.push_back(id);
                page.set("Annots", list);
              })
      .finish();
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(IncrementalSaving, EveryChangeOfWhatIsShownIsCaught) {
  Scene s(suite());
  const Reason other = Reason::changed_otherwise;
  const Edit now(s.once);
  const Reference root = now.root(), page = now.page(), pages = now.pages(), font{5, 0};
  const Value box = pdf::to_value(pdf::Rectangle{0, 0, 9, 9});
  const auto set = [&](Reference id, const std::string& key, const Value& value) {
    return [&s, id, key, value] { return s.changed(s.once, id, key, value); };
  };
  expect_caught(
      {{"content replaced",
        [&] { return Edit(s.once).put_stream(now.content(), "BT (Sale) Tj ET").finish(); }, other},
       {"content replaced by as many octets",
        [&] {
          const std::string same = "BT /F1 24 Tf 72 700 Td (Sales) Tj ET";
          return Edit(s.once).put_stream(now.content(), same).finish();
        },
        other},
       {"content of the signed pair replaced",
        [&] { return Edit(s.twice).put_stream(now.content(), "BT (Sale) Tj ET").finish(); }, other},
       {"content emptied", [&] { return Edit(s.once).put(now.content(), Value()).finish(); },
        other},
       {"second content",
        [&] {
          Edit edit(s.once);
          const Reference more = edit.add_stream("0 0 900 900 re f");
          return edit
              .change(page,
                      [&](Dictionary& one) {
                        one.set("Contents", Array{{edit.content(), more}});
                      })
              .finish();
        },
        other},
       {"font replaced", set(font, "BaseFont", name("ZapfDingbats")), other},
       {"resources", set(page, "Resources", Dictionary{}), other},
       {"media box", set(pages, "MediaBox", box), other},
       {"crop box", set(page, "CropBox", box), other},
       {"turned", set(page, "Rotate", number(180)), other},
       {"page action", set(page, "AA", Dictionary{}), other},
       {"action on opening", set(root, "OpenAction", dictionary({{"S", name("JavaScript")}})),
        other},
       {"names", set(root, "Names", Dictionary{}), other},
       {"layers", set(root, "OCProperties", Dictionary{}), other},
       {"action in what is free",
        set(root, "Extensions", dictionary({{"JS", text("app.alert(1)")}})), other}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(IncrementalSaving, PagesAndObjectsThatAreAddedAreCaught) {
  Scene s(suite());
  const Reason other = Reason::changed_otherwise;
  const Edit now(s.once);
  const Reference root = now.root(), page = now.page(), pages = now.pages();
  expect_caught(
      {{"page added",
        [&] {
          Edit edit(s.once);
          const Reference more = edit.add(dictionary({{"Type", name("Page")}, {"Parent", pages}}));
          return edit
              .change(pages,
                      [&](Dictionary& one) {
                        one.set("Kids", Array{{page, more}}).set("Count", number(2));
                      })
              .finish();
        },
        other},
       {"unseen object",
        [&] {
          Edit edit(s.once);
          edit.add_stream("BT (later) Tj ET");
          return edit.finish();
        },
        other},
       {"new catalog",
        [&] {
          std::string out = text_of(Edit(s.once).put(root, now.get(root)).finish());
          const std::string is = "/Root 1 0 R";
          return base::to_bytes(out.replace(out.rfind(is), is.size(), "/Root 8 0 R"));
        },
        Code::malformed}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (what lies ready in the signed file and is switched on later)
TEST_P(ShadowAttack, HidingReplacingAndBothAreCaught) {
  Scene s(suite());
  const Reason other = Reason::changed_otherwise;
  const Edit now(s.once);
  // The form is direct in the catalog there, so it is changed through the catalog.
  const auto in_catalog = [&](const std::string& key, const Value& value) {
    return Edit(s.once)
        .change(now.root(),
                [&](Dictionary& root) {
                  Dictionary form = *root.find("AcroForm")->dictionary();
                  form.set(key, value);
                  root.set("AcroForm", form);
                })
        .finish();
  };
  const Dictionary fonts =
      dictionary({{"Font", dictionary({{"F1", dictionary({{"Type", name("Font")}})}})}});
  expect_caught(
      {{"replace: another page tree",
        [&] {
          return s.changed(s.once, now.root(), "Pages", Reference{8, 0});
        },
        other},
       {"replace: fonts of the form", [&] { return in_catalog("DR", fonts); }, other},
       {"replace: value of a field",
        [&] { return s.changed(s.once, now.field("rent"), "V", text("1")); },
        Reason::certification_violated},
       {"replace: appearance of a field",
        [&] {
          Edit edit(s.once);
          const Reference shown = edit.add_stream("BT (1) Tj ET");
          return edit
              .change(now.field("rent"),
                      [&](Dictionary& one) {
                        one.set("AP", dictionary({{"N", shown}}));
                      })
              .finish();
        },
        Reason::certification_violated},
       {"replace: appearances drawn anew",
        [&] { return in_catalog("NeedAppearances", Value::of_boolean(true)); }, other},
       {"hide: a field", [&] { return s.changed(s.once, now.field("rent"), "F", number(2)); },
        other},
       {"hide: the signature itself",
        [&] { return s.changed(s.once, now.field("party1"), "F", number(2)); }, other},
       {"hide: the signature's picture",
        [&] { return s.changed(s.once, now.field("party1"), "AP", Dictionary{}); }, other},
       {"hide: the signature moved away",
        [&] {
          return s.changed(s.once, now.field("party1"), "Rect",
                           pdf::to_value(pdf::Rectangle{0, 0, 1, 1}));
        },
        other},
       {"hide: annotations removed",
        [&] { return s.changed(s.once, now.page(), "Annots", Array{}); }, other},
       {"hide and replace: the offset of a hidden object",
        [&] {
          std::string out =
              text_of(Edit(s.once).put_stream(now.content(), "BT (x) Tj ET").finish());
          const std::size_t hidden = out.find(kHidden);
          const std::size_t row = out.find("4 1\n", out.rfind("xref\n4 1")) + 4;
          char offset[11];
          std::snprintf(offset, sizeof offset, "%010zu", hidden);
          return base::to_bytes(out.replace(row, 10, offset));
        },
        other}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(FieldGames, RemovedSharedAndForeignSignaturesAreCaught) {
  Scene s(suite());
  const Edit now(s.twice);
  const Reference first = now.signature("party1");
  const auto in_root = [&](const std::function<void(Dictionary&)>& how) {
    return Edit(s.twice).change(now.root(), how).finish();
  };
  const auto fields = [&](const Array& list) {
    return in_root([&](Dictionary& root) {
      Dictionary form = *root.find("AcroForm")->dictionary();
      form.set("Fields", list);
      root.set("AcroForm", form);
    });
  };
  expect_caught(
      {{"form removed", [&] { return in_root([](Dictionary& one) { one.remove("AcroForm"); }); },
        Reason::signature_removed},
       {"list of fields emptied", [&] { return fields({}); }, Reason::signature_removed},
       {"value removed",
        [&] {
          return Edit(s.twice)
              .change(now.field("party1"), [](Dictionary& one) { one.remove("V"); })
              .finish();
        },
        Reason::signature_removed},
       {"value null", [&] { return s.changed(s.twice, now.field("party1"), "V", Value()); },
        Reason::signature_removed},
       {"value of another field",
        [&] { return s.changed(s.twice, now.field("party1"), "V", now.signature("party2")); },
        Reason::dictionary_shared},
       {"one signature in two fields",
        [&] { return s.changed(s.once, now.field("party2"), "V", first); },
        Reason::dictionary_shared},
       {"message copied into another dictionary",
        [&] { return s.changed(s.once, now.field("party2"), "V", Edit(s.once).get(first)); },
        Reason::dictionary_shared},
       {"dictionary written again",
        [&] { return s.changed(s.twice, first, "Name", text("Mallory")); },
        Reason::signature_removed},
       {"field became a button",
        [&] { return s.changed(s.twice, now.field("party1"), "FT", name("Btn")); },
        Reason::signature_removed}},
      s.desk.options());
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(FieldGames, FieldsThatAreLostTwiceOrAddedAreCaught) {
  Scene s(suite());
  const Edit now(s.twice);
  const Reference first = now.signature("party1");
  const auto fields = [&](const Array& list) {
    return Edit(s.twice)
        .change(now.root(),
                [&](Dictionary& root) {
                  Dictionary form = *root.find("AcroForm")->dictionary();
                  form.set("Fields", list);
                  root.set("AcroForm", form);
                })
        .finish();
  };
  expect_caught(
      {{"dictionary without a field",
        [&] {
          Edit edit(s.once);
          edit.add(edit.get(first));
          return edit.finish();
        },
        Reason::signature_without_field},
       {"field named twice",
        [&] { return s.changed(s.twice, now.field("party2"), "T", text("party1")); },
        Code::malformed},
       {"field below itself",
        [&] {
          return s.changed(s.twice, now.field("party2"), "Kids", Array{{now.field("party2")}});
        },
        Code::malformed},
       {"field listed twice",
        [&] {
          return fields(Array{{now.field("party1"), now.field("party1")}});
        },
        Code::malformed},
       {"text field added",
        [&] {
          Edit edit(s.once);
          const Reference id = edit.add(dictionary({{"FT", name("Tx")}, {"T", text("extra")}}));
          return edit
              .change(now.root(),
                      [&](Dictionary& root) {
                        Dictionary form = *root.find("AcroForm")->dictionary();
                        Array list = *form.find("Fields")->array();
                        list.items.push_back(id);
                        form.set("Fields", list);
                        root.set("AcroForm", form);
                      })
              .finish();
        },
        Reason::changed_otherwise}},
      s.desk.options());
}

// with_field adds an empty signature field with a size.
Bytes with_field(const Bytes& file) {
  Edit edit(file);
  const Reference id =
      edit.add(dictionary({{"Type", name("Annot")},
                           {"Subtype", name("Widget")},
                           {"FT", name("Sig")},
                           {"T", text("extra")},
                           {"P", edit.page()},
                           {"Rect", pdf::to_value(pdf::Rectangle{300, 100, 500, 200})}}));
  return edit
      .change(edit.root(),
              [&](Dictionary& root) {
                Dictionary form = *root.find("AcroForm")->dictionary();
                Array list = *form.find("Fields")->array();
                list.items.push_back(id);
                form.set("Fields", list);
                root.set("AcroForm", form);
              })
      .finish();
}

// sign_added lets bob sign in a field of his own making.
Bytes sign_added(Scene& s, const Bytes& file) {
  pdf::SignatureRequest request = SigningDesk::request("extra", kSignedAt);
  request.appearance.reset();
  return s.desk.sign(with_field(file), request, s.bob);
}

// shows-part: ECP-DOC-1 (fields that come late)
TEST_P(CertificationAttack, AVisibleFieldThatComesLaterIsToldAndNeverAllowedByACertification) {
  Scene s(suite());
  const auto told = verify_pdf(sign_added(s, s.once), s.desk.options());
  ASSERT_OK(told);
  EXPECT_EQ(told->verdict, Verdict::valid_with_notes) << words(*told);
  EXPECT_TRUE(has(*told, Reason::visible_field_added));
  expect_caught({{"sneaky signature at level 2",
                  [&] { return sign_added(s, s.certified(pdf::Certification::form_filling)); },
                  Reason::certification_violated},
                 {"sneaky signature at level 3",
                  [&] { return sign_added(s, s.certified(pdf::Certification::annotations)); },
                  Reason::certification_violated},
                 {"empty field after signing", [&] { return with_field(s.once); },
                  Reason::changed_otherwise}},
                s.desk.options());
}

// shows-part: ECP-DOC-1 (locked fields)
TEST_P(CertificationAttack, ALockedFieldThatChangesIsCaught) {
  Scene s(suite());
  pdf::SignatureRequest request = SigningDesk::request("party1", kSignedAt);
  request.certification = pdf::Certification::form_filling;
  const auto locked = [&](const std::string& parameters) {
    pdf::Prepared prepared = must(pdf::prepare_signature(s.ready, request));
    const std::string all = text_of(prepared.file);
    const std::size_t begin = all.rfind("/TransformMethod");
    const std::string stated = all.substr(begin, all.find(">>", begin) + 2 - begin);
    prepared.file = in_place(prepared.file, stated, parameters);
    return with_message(prepared, s.desk.message(prepared, s.alice, kSignedAt));
  };
  const Bytes everything = locked("/TransformMethod /FieldMDP /TransformParams <</Action /All>>");
  const Bytes others =
      locked("/TransformMethod /FieldMDP /TransformParams <</Action /Exclude /Fields [(x)]>>");
  const Bytes unknown = locked("/TransformMethod /Other /TransformParams <<>>");
  expect_caught(
      {{"signed although all is locked", [&] { return s.desk.sign(everything, "party2", s.bob); },
        Reason::field_lock_violated},
       {"signed although others are locked", [&] { return s.desk.sign(others, "party2", s.bob); },
        Reason::field_lock_violated},
       {"level 9", [&] { return locked("/TransformMethod /DocMDP /TransformParams <</P 9>>"); },
        Reason::permissions_malformed},
       {"unknown transformation", [&] { return unknown; }, Reason::permissions_malformed}},
      s.desk.options());
}

// A field that was prepared with a lock: whoever signs in it closes what it names.
TEST_P(CertificationAttack, AFieldLockedByThePreparedFieldIsCaught) {
  Scene s(suite());
  const Bytes plain = base::to_bytes(contract().with_table());
  const auto ready = [&](const pdf::FieldLock& lock) {
    return must(pdf::prepare_fields(
        plain, {{"party1", "", {0, 10, 10, 60, 25}, lock}, {"party2", "", {0, 10, 40, 60, 25}}}));
  };
  const auto fill = [&](const Bytes& file) {
    return s.changed(file, Edit(file).field("rent"), "V", text("1"));
  };
  pdf::SignatureRequest request = SigningDesk::request("party1", kSignedAt);
  request.certification = pdf::Certification::form_filling;
  using Action = pdf::FieldLock::Action;
  const Bytes rent = s.desk.sign(ready({Action::include, {"rent"}}), request, s.alice);
  const Bytes others = s.desk.sign(ready({Action::exclude, {"party2"}}), request, s.alice);
  const Bytes all = s.desk.sign(ready({Action::all, {}}), request, s.alice);
  expect_caught(
      {{"filled in although locked", [&] { return fill(rent); }, Reason::field_lock_violated},
       {"filled in although others are locked", [&] { return fill(others); },
        Reason::field_lock_violated},
       {"signed although all are locked", [&] { return s.desk.sign(all, "party2", s.bob); },
        Reason::field_lock_violated}},
      s.desk.options());
  for (const Bytes& file : {rent, others}) {
    const auto report = verify_pdf(s.desk.sign(file, "party2", s.bob), s.desk.options());
    ASSERT_OK(report);
    EXPECT_EQ(report->verdict, Verdict::valid) << words(*report);
    EXPECT_EQ(report->signatures[0].permissions, Permissions::respected);
  }
  EXPECT_ERROR(pdf::prepare_fields(
                   plain, {{"a", "", {0, 10, 10, 60, 25}, pdf::FieldLock{Action::all, {"rent"}}}}),
               Code::malformed);
}

// shows-part: ECP-DOC-1 (SM2, RSA and ECDSA keys)
TEST_P(CertificationAttack, WhatTheAuthorDoesNotAllowIsCaught) {
  Scene s(suite());
  using Level = pdf::Certification;
  const Reason violated = Reason::certification_violated;
  const auto fill = [&](const Bytes& file) {
    return s.changed(file, Edit(file).field("rent"), "V", text("1"));
  };
  const auto active = [](Dictionary& note) { note.set("A", dictionary({{"S", name("URI")}})); };
  expect_caught(
      {{"annotation, nothing certified", [&] { return with_annotation(s.once); }, violated},
       {"annotation at level 1", [&] { return with_annotation(s.certified(Level::no_changes)); },
        violated},
       {"annotation at level 2", [&] { return with_annotation(s.certified(Level::form_filling)); },
        violated},
       {"active annotation at level 3",
        [&] { return with_annotation(s.certified(Level::annotations), active); },
        Reason::changed_otherwise},
       {"content at level 3",
        [&] {
          const Bytes file = s.certified(Level::annotations);
          return Edit(file).put_stream(Edit(file).content(), "BT ET").finish();
        },
        Reason::changed_otherwise},
       {"filled in at level 1", [&] { return fill(s.certified(Level::no_changes)); }, violated},
       {"signed at level 1",
        [&] { return s.desk.sign(s.certified(Level::no_changes), "party2", s.bob); }, violated},
       {"no certification, but /Perms",
        [&] {
          const Edit now(s.once);
          return s.changed(s.once, now.root(), "Perms",
                           dictionary({{"DocMDP", now.signature("party1")}}));
        },
        Reason::permissions_malformed},
       {"certification taken out of /Perms",
        [&] {
          const Bytes file = s.certified(Level::no_changes);
          return Edit(file)
              .change(Edit(file).root(), [](Dictionary& one) { one.remove("Perms"); })
              .finish();
        },
        Reason::changed_otherwise}},
      s.desk.options());
  // Positive: what the author allows.
  const auto noted = verify_pdf(with_annotation(s.certified(Level::annotations)), s.desk.options());
  ASSERT_OK(noted);
  EXPECT_EQ(noted->verdict, Verdict::valid_with_notes) << words(*noted);
  EXPECT_EQ(noted->signatures[0].permissions, Permissions::respected);
  EXPECT_TRUE(has(*noted, Reason::annotations_added));
  const auto filled = verify_pdf(fill(s.certified(Level::form_filling)), s.desk.options());
  ASSERT_OK(filled);
  EXPECT_EQ(filled->verdict, Verdict::valid_with_notes) << words(*filled);
  EXPECT_TRUE(has(*filled, Reason::form_filled));
}

// container_changed writes the object stream of a signed file again, with another page in it.
Bytes container_changed(Scene& s) {
  const Bytes file = s.desk.sign(SigningDesk::with_fields(seed_files()[2], 1), "party1", s.alice);
  const pdf::Document document = must(pdf::Document::parse(file));
  const pdf::XrefEntry where = document.entry(2);  // the page tree
  const Reference container{static_cast<std::uint32_t>(where.offset), 0};
  const pdf::Object* object = must(document.get(container));
  pdf::Decoded decoded = must(document.decode(*object->value.stream()));
  std::string inside(base::text_of(decoded.octets));
  const std::string box = "[0 0 595 842]";
  inside.replace(inside.find(box), box.size(), "[0 0 595 100]");
  pdf::Update update(document);
  Dictionary head = *object->value.dictionary();
  head.remove("Length");
  update.put(container, {head, base::to_bytes(inside)});
  return base::concat({file, must(update.finish()).octets});
}

// shows-part: ECP-DOC-1 (structure games; more are with the reader's tests)
TEST_P(StructureGames, FilesThatReadersSeeDifferentlyAreNeverValid) {
  Scene s(suite());
  const auto raw = [&](const std::string& before, const std::string& after) {
    return base::to_bytes(before + text_of(s.once) + after);
  };
  expect_caught(
      {{"header at another offset", [&] { return raw("\n", ""); }, Code::document_not_pdf},
       {"octets after the end", [&] { return raw("", "9 0 obj <<>> endobj\n"); }, Code::malformed},
       {"update without cross-references",
        [&] { return raw("", "4 0 obj << /Length 0 >> endobj\nstartxref\n0\n%%EOF\n"); },
        Code::malformed},
       {"startxref of an earlier save", [&] { return raw("", "startxref\n900000\n%%EOF\n"); },
        Code::malformed},
       {"cut off", [&] { return Bytes(s.once.begin(), s.once.end() - 30); }, Code::malformed},
       {"back to the revision before the signature: nothing is signed",
        [&] { return Bytes(s.once.begin(), s.once.begin() + 100); }, Code::malformed}},
      s.desk.options());
  expect_caught({{"an object stream written again", [&] { return container_changed(s); },
                  Reason::changed_otherwise}},
                s.desk.options());
  // A second reader that disagrees.
  VerifyOptions options = s.desk.options();
  options.second_reader = [](ByteView) -> base::Result<void> {
    return base::fail(Code::document_readers_disagree, "one page more");
  };
  const auto report = verify_pdf(s.twice, options);
  ASSERT_OK(report);
  EXPECT_EQ(report->verdict, Verdict::indeterminate);
  EXPECT_TRUE(has(*report, Reason::readers_disagree));
  // Without any signature nothing is valid either.
  const auto none = verify_pdf(s.ready, s.desk.options());
  ASSERT_OK(none);
  EXPECT_EQ(none->verdict, Verdict::no_signature);
  EXPECT_EQ(exit_code_of(none->verdict), 1);
  EXPECT_EQ(none->unsigned_fields.size(), 2u);
  // White space after the end is not signed: told.
  const auto tail = verify_pdf(raw("", "\n\n"), s.desk.options());
  ASSERT_OK(tail);
  EXPECT_EQ(tail->verdict, Verdict::valid_with_notes);
  EXPECT_TRUE(has(*tail, Reason::tail_unsigned));
}

}  // namespace
}  // namespace heqi::documents::verify
