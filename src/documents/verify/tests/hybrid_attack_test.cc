// Hybrid files, in which an old reader and a new one may look at different objects.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

using pdf::PdfText;
using Row = PdfText::Row;

HEQI_WITH_EACH_SUITE(HybridFile);

// contract is what a word processor writes: its structure tree is partly hidden.
PdfText contract() {
  PdfText text = PdfText::one_page();
  text.objects[1] = "<< /Type /Catalog /Pages 2 0 R /StructTreeRoot 6 0 R >>";
  text.objects[6] = "<< /Type /StructTreeRoot /K 7 0 R >>";
  text.objects[20] = "null";  // fields get higher numbers
  return text;
}
const std::map<int, std::string> kHidden{{7, "<< /S /Document /P 6 0 R /K [8 0 R] >>"},
                                         {8, "<< /S /P /P 7 0 R /Pg 3 0 R /K 0 >>"}};

// Save is one more save of a file, with a table and with a stream for newer readers.
struct Save {
  std::map<int, std::string> objects;
  std::vector<int> listed, freed;  // of objects, in the table; the others only where rows say so
  std::map<int, Row> rows;         // of the stream; type 1 without an offset: where objects put it
  bool names_stream = true;

  Bytes after(const Bytes& file) const {
    const pdf::Document document = must(pdf::Document::parse(file));
    std::string out(base::text_of(file));
    std::map<int, std::size_t> at;
    for (const auto& [number, object] : objects) {
      at[number] = out.size();
      out += std::to_string(number) + " 0 obj\n" + object + "\nendobj\n";
    }
    const int own = static_cast<int>(document.size()) + 40;
    std::string octets, index;
    for (auto [number, row] : rows) {
      if (row.type == 1 && row.second == 0) row.second = at[number];
      PdfText::put(octets, row.type, 1), PdfText::put(octets, row.second, 4);
      PdfText::put(octets, row.third, 2);
      index += std::to_string(number) + " 1 ";
    }
    const std::size_t stream = out.size();
    const std::string size = std::to_string(own + 1);
    out += std::to_string(own) + " 0 obj\n" +
           PdfText::stream("/Type /XRef /Size " + size + " /W [1 4 2] /Index [" + index + "]",
                           octets) +
           "\nendobj\n";
    at[own] = stream;
    const std::size_t table = out.size();
    out += "xref\n";
    if (!names_stream) out += std::to_string(own) + " 1\n" + PdfText::line(stream, 0, 'n');
    for (const int number : listed)
      out += std::to_string(number) + " 1\n" + PdfText::line(at.at(number), 0, 'n');
    for (const int number : freed)
      out += std::to_string(number) + " 1\n" + PdfText::line(0, 65535, 'f');
    const pdf::Revision& last = document.revisions().back();
    out += "trailer\n<< /Size " + size + " /Root 1 0 R /ID " +
           pdf::encode_value(*last.trailer.find("ID")) + " /Prev " +
           std::to_string(last.xref_offset) +
           (names_stream ? " /XRefStm " + std::to_string(stream) : "") + " >>\nstartxref\n" +
           std::to_string(table) + "\n%%EOF\n";
    return base::to_bytes(out);
  }
};

const std::string kOther = PdfText::stream("", "BT /F1 24 Tf 72 700 Td (Other) Tj ET");

// shows-part: ECP-DOC-1 (files of word processors)
TEST_P(HybridFile, OfAWordProcessorIsSignedTwiceAndStaysValid) {
  SigningDesk desk(7, suite());
  const Credential alice = desk.authority.make_person("Alice"),
                   bob = desk.authority.make_person("Bob");
  const Bytes file = SigningDesk::with_fields(base::to_bytes(contract().with_hidden(kHidden)), 2);
  const Bytes twice = desk.sign(desk.sign(file, "party1", alice), "party2", bob);
  const Report report = must(verify_pdf(twice, desk.options()));
  EXPECT_EQ(report.verdict, Verdict::valid_with_notes) << words(report);
  EXPECT_TRUE(has(report, Reason::hybrid_structure)) << words(report);
  EXPECT_FALSE(has(report, Reason::hybrid_file));
  // What is appended has a table: readers refuse streams after tables.
  const pdf::Document document = must(pdf::Document::parse(twice));
  EXPECT_EQ(document.revisions().back().style, pdf::XrefStyle::table);
}

// shows-part: ECP-DOC-1 (hidden objects)   mutant: tests/mutants/ECP-DOC-1.hybrid
TEST_P(HybridFile, WhatIsShownFromHiddenObjectsIsNeverValid) {
  SigningDesk desk(7, suite());
  const Credential alice = desk.authority.make_person("Alice");
  const auto signed_with = [&](const std::function<void(PdfText&)>& change,
                               std::map<int, std::string> hidden) {
    PdfText text = contract();
    change(text);
    hidden.insert(kHidden.begin(), kHidden.end());
    return desk.sign(SigningDesk::with_fields(base::to_bytes(text.with_hidden(hidden)), 1),
                     "party1", alice);
  };
  const std::string page =
      "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << "
      "/F1 5 0 R >> >> ";
  expect_caught(
      {{"font",
        [&] {
          return signed_with([](PdfText& one) { one.objects.erase(5); },
                             {{5, "<< /Type /Font /Subtype /Type1 >>"}});
        },
        Reason::hybrid_file},
       {"size of the page",
        [&] {
          return signed_with([&](PdfText& one) { one.objects[3] = page + "/MediaBox 9 0 R >>"; },
                             {{9, "[0 0 595 842]"}});
        },
        Reason::hybrid_file},
       {"content, which a later save tells old readers too",
        [&] {
          PdfText text = contract();
          text.objects.erase(5);
          std::map<int, std::string> hidden = kHidden;
          hidden[5] = "<< /Type /Font /Subtype /Type1 >>";
          const Bytes file =
              desk.sign(SigningDesk::with_fields(base::to_bytes(text.with_hidden(hidden)), 1),
                        "party1", alice);
          return Edit(file).change({5, 0}, [](pdf::Dictionary&) {}).finish();
        },
        Reason::hybrid_file},
       {"annotation",
        [&] {
          return signed_with(
              [&](PdfText& one) { one.objects[3] = page + "/Annots [9 0 R] >>"; },
              {{9, "<< /Type /Annot /Subtype /Square /Rect [0 0 500 800] /IC [1 1 1] >>"}});
        },
        Reason::hybrid_file},
       {"layers",
        [&] {
          return signed_with(
              [](PdfText& one) {
                one.objects[1] =
                    "<< /Type /Catalog /Pages 2 0 R /OCProperties 9 0 R /StructTreeRoot 6 0 R >>";
              },
              {{9, "<< /OCGs [] /D << >> >>"}});
        },
        Reason::hybrid_file},
       {"form",
        [&] {
          return signed_with(
              [](PdfText& one) {
                one.objects[1] =
                    "<< /Type /Catalog /Pages 2 0 R /AcroForm 9 0 R /StructTreeRoot 6 0 R >>";
                one.objects[10] = "<< /FT /Tx /T (sum) /V 11 0 R >>";
              },
              {{9, "<< /Fields [10 0 R] >>"}, {11, "(100)"}});
        },
        Reason::hybrid_file}},
      desk.options());
}

// shows-part: ECP-DOC-1 (hybrid updates of signed files)
TEST_P(HybridFile, SavesThatTwoReadersSeeDifferentlyAreNeverValid) {
  SigningDesk desk(7, suite());
  const Credential alice = desk.authority.make_person("Alice");
  const Bytes plain = desk.sign(
      SigningDesk::with_fields(base::to_bytes(contract().with_table()), 1), "party1", alice);
  const Bytes word =
      desk.sign(SigningDesk::with_fields(base::to_bytes(contract().with_hidden(kHidden)), 1),
                "party1", alice);
  const auto save = [](Bytes file, Save more) { return [file, more] { return more.after(file); }; };
  // A save lays out a stream, and an empty table after it names it.
  const auto revealed = [&](Bytes file, std::optional<Save> between) {
    file = Save{{{7, "<< /S /Art /P 6 0 R >>"}}, {}, {}, {{7, {1, 0, 0}}}, false}.after(file);
    const std::string laid(base::text_of(file));
    const std::size_t stream = laid.rfind('\n', laid.rfind(" 0 obj")) + 1;
    if (between) file = between->after(file);
    const pdf::Document document = must(pdf::Document::parse(file));
    const pdf::Revision& last = document.revisions().back();
    const std::string table = "xref\n0 0\ntrailer\n<< /Size 100 /Root 1 0 R /ID " +
                              pdf::encode_value(*last.trailer.find("ID")) + " /Prev " +
                              std::to_string(last.xref_offset) + " /XRefStm " +
                              std::to_string(stream) + " >>\nstartxref\n" +
                              std::to_string(file.size()) + "\n%%EOF\n";
    return base::concat({file, base::bytes_of(table)});
  };
  expect_caught(
      {{"the stream replaces the content, the table says nothing",
        save(plain, {{{4, kOther}}, {}, {}, {{4, {1, 0, 0}}}}), Code::malformed},
       {"the table replaces the content, the stream another one",
        save(plain, {{{4, kOther}}, {4}, {}, {{4, {1, 15, 0}}}}), Code::malformed},
       {"the table frees the content, the stream replaces it",
        save(plain, {{{4, kOther}}, {}, {4}, {{4, {1, 0, 0}}}}), Reason::changed_otherwise},
       {"the stream frees the content", save(plain, {{}, {}, {}, {{4, {0, 0, 0}}}}),
        Code::malformed},
       {"the table frees the content", save(plain, {{}, {}, {4}, {}}), Reason::changed_otherwise},
       {"the stream adds what signed objects already name",
        save(plain, {{{7, "<< /S /Document /P 6 0 R >>"}}, {}, {}, {{7, {1, 0, 0}}}}),
        Reason::changed_otherwise},
       {"the stream adds what nothing names",
        save(plain, {{{30, kOther}}, {}, {}, {{30, {1, 0, 0}}}}), Reason::changed_otherwise},
       {"the stream replaces the page tree",
        save(plain, {{{2, "<< /Type /Pages /Kids [] /Count 0 >>"}}, {}, {2}, {{2, {1, 0, 0}}}}),
        Reason::changed_otherwise},
       {"the stream replaces the catalog",
        save(plain, {{{1, "<< /Type /Catalog /Pages 2 0 R >>"}}, {}, {1}, {{1, {1, 0, 0}}}}),
        Reason::signature_removed},
       {"a hidden object is replaced",
        save(word, {{{8, "<< /S /H1 /P 7 0 R /Pg 3 0 R /K 0 >>"}}, {8}, {}, {}}),
        Reason::changed_otherwise},
       {"a hidden object is replaced by the stream only",
        save(word, {{{8, "<< /S /H1 /P 7 0 R /Pg 3 0 R /K 0 >>"}}, {}, {}, {{8, {1, 0, 0}}}}),
        Code::malformed},
       {"a hidden object is freed", save(word, {{}, {}, {8}, {}}), Reason::changed_otherwise},
       {"a stream of the save before that nothing had named", [&] { return revealed(plain, {}); },
        Reason::changed_otherwise},
       {"a stream of two saves before",
        [&] {
          return revealed(plain, Save{{{31, "null"}}, {31}, {}, {}, false});
        },
        Code::malformed}},
      desk.options());
}

}  // namespace
}  // namespace heqi::documents::verify
