// A seal across the edges of pages: its slices are buttons that its signature locks, and stay where
// and as they were signed.
#include "attack_case.h"

namespace heqi::documents::verify {
namespace {

using std::chrono::minutes;

constexpr double kSealMm = 39;
constexpr std::size_t kPages = 3;

pdf::PdfText three_pages() {
  pdf::PdfText text = pdf::PdfText::one_page();
  text.objects[2] = "<< /Type /Pages /Kids [3 0 R 6 0 R 7 0 R] /Count 3 /MediaBox [0 0 595 842] >>";
  text.objects[6] = text.objects[7] = text.objects[3];
  return text;
}

// with_seams has a field for each party, with a slice on each page.
Bytes with_seams(std::size_t parties, const Bytes& file = seed_files(three_pages())[0]) {
  std::vector<pdf::FieldRequest> fields;
  for (std::size_t i = 0; i < parties; ++i) {
    pdf::FieldRequest field{"party" + std::to_string(i + 1), "", {}};
    for (std::size_t page = 0; page < kPages; ++page) {
      const pdf::Placement slice{page, 190, 10 + 45 * static_cast<double>(i), kSealMm / kPages,
                                 kSealMm};
      if (page == 0)
        field.placement = slice;
      else
        field.slices.push_back(slice);
    }
    fields.push_back(std::move(field));
  }
  return must(pdf::prepare_fields(file, fields));
}

pdf::SignatureRequest sealing(const std::string& field, base::Time time = kSignedAt) {
  pdf::SignatureRequest out = SigningDesk::request(field, time);
  out.appearance->fit = pdf::Fit::exact;
  out.appearance->width = out.appearance->height = kSealMm * 72 / 25.4;
  return out;
}

struct Seams {
  explicit Seams(const testing::Suite& suite = testing::sm2_suite()) : desk(7, suite) {}

  Bytes signed_by(const Bytes& file, const std::string& field, int minute = 0) {
    return desk.sign(file, sealing(field, kSignedAt + minutes(minute)), alice);
  }
  // slices are the widgets that show the seal of a field.
  static std::vector<pdf::Reference> slices(const Bytes& file, const std::string& field) {
    const pdf::Document document = must(pdf::Document::parse(file));
    const pdf::Form form = must(pdf::get_form(document));
    std::vector<pdf::Reference> out{form.find(field)->widgets[0]};
    const auto buttons = must(pdf::find_slices(document, form, *form.find(field)));
    for (const pdf::Field* one : buttons) out.push_back(one->widgets[0]);
    return out;
  }

  SigningDesk desk;
  Credential alice = desk.authority.make_person("Alice");
};

HEQI_WITH_EACH_SUITE(SeamInPdf);

// shows-part: ECP-DOC-1 (slices of seals, in every style of file)
TEST_P(SeamInPdf, OfFivePartiesStaysValidWithEverySignatureThatFollows) {
  for (const Bytes& seed : seed_files(three_pages())) {
    Seams s(suite());
    Bytes file = with_seams(5, seed);
    for (int i = 1; i <= 5; ++i) {
      file = s.signed_by(file, "party" + std::to_string(i), i);
      const Report report = must(verify_pdf(file, s.desk.options()));
      EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
      ASSERT_EQ(report.signatures.size(), static_cast<std::size_t>(i));
    }
  }
}

TEST_P(SeamInPdf, IsFormFillingThatACertificationAllows) {
  Seams s(suite());
  pdf::SignatureRequest first = sealing("party1");
  first.certification = pdf::Certification::form_filling;
  const Bytes file = s.signed_by(s.desk.sign(with_seams(2), first, s.alice), "party2", 1);
  const Report report = must(verify_pdf(file, s.desk.options()));
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  EXPECT_EQ(report.signatures[0].later_changes, LaterChanges::form_fill_or_signature);
  EXPECT_EQ(report.signatures[0].permissions, Permissions::respected);
}

// SignedSeam is a file that the first of two parties has sealed; slices are its, its own field
// first.
struct SignedSeam : public Seams {
  using Seams::Seams;
  std::function<Bytes()> edited(const std::function<void(Edit&)>& how) const {
    return [this, how] {
      Edit edit(file);
      how(edit);
      return edit.finish();
    };
  }
  // changed sets one key of the second slice.
  std::function<Bytes()> changed(const std::string& key,
                                 const std::function<pdf::Value(Edit&)>& value) const {
    return edited([this, key, value](Edit& edit) {
      const pdf::Value made = value(edit);
      edit.change(mine[1], [&](pdf::Dictionary& d) { d.set(key, made); });
    });
  }
  static void take(Edit& edit, pdf::Reference owner, const std::string& key, pdf::Reference gone) {
    edit.change(owner, [&](pdf::Dictionary& d) {
      pdf::Array array = *d.find(key)->array();
      array.items.erase(std::find(array.items.begin(), array.items.end(), pdf::Value(gone)));
      d.set(key, std::move(array));
    });
  }
  static void put(Edit& edit, pdf::Reference owner, const std::string& key, pdf::Reference more) {
    edit.change(owner, [&](pdf::Dictionary& d) {
      pdf::Array array = *d.find(key)->array();
      array.items.push_back(more);
      d.set(key, std::move(array));
    });
  }

  Bytes file = signed_by(with_seams(2), "party1");
  std::vector<pdf::Reference> mine = slices(file, "party1");
  std::vector<pdf::Page> pages = must(must(pdf::Document::parse(file)).pages());
};

// shows-part: ECP-DOC-1 (slices of seals)
TEST_P(SeamInPdf, SlicesAreNotMovedAfterTheyWereSigned) {
  const SignedSeam s(suite());
  ASSERT_EQ(s.mine.size(), kPages);
  expect_caught({{"moved on its page",
                  s.changed("Rect",
                            [](Edit&) {
                              return to_value(pdf::Rectangle{10, 10, 46, 120});
                            }),
                  Reason::changed_otherwise},
                 {"moved to another page", s.edited([&](Edit& edit) {
                    s.take(edit, s.pages[1].id, "Annots", s.mine[1]);
                    s.put(edit, s.pages[2].id, "Annots", s.mine[1]);
                    edit.change(s.mine[1], [&](pdf::Dictionary& d) { d.set("P", s.pages[2].id); });
                  }),
                  Reason::changed_otherwise},
                 {"said to be of another page",
                  s.changed("P", [&](Edit&) { return s.pages[2].id; }), Reason::changed_otherwise},
                 {"shown on a second page",
                  s.edited([&](Edit& edit) { s.put(edit, s.pages[2].id, "Annots", s.mine[1]); }),
                  Reason::changed_otherwise},
                 {"taken from its page",
                  s.edited([&](Edit& edit) { s.take(edit, s.pages[1].id, "Annots", s.mine[1]); }),
                  Reason::changed_otherwise},
                 {"taken from the form",
                  s.edited([&](Edit& edit) { s.take(edit, edit.form(), "Fields", s.mine[1]); }),
                  Reason::changed_otherwise},
                 {"given to another party",
                  s.changed("T", [](Edit&) { return pdf::to_text_string("party2-seam3"); }),
                  Reason::changed_otherwise},
                 {"one more, with its look", s.edited([&](Edit& edit) {
                    pdf::Dictionary copy = edit.get(s.mine[1]);
                    copy.set("T", pdf::to_text_string("party1-seam3"));
                    const pdf::Reference more = edit.add(std::move(copy));
                    s.put(edit, edit.form(), "Fields", more);
                    s.put(edit, s.pages[1].id, "Annots", more);
                  }),
                  Reason::changed_otherwise}},
                s.desk.options());
}

// shows-part: ECP-DOC-1 (slices of seals)
TEST_P(SeamInPdf, SlicesKeepTheirLookAfterTheyWereSigned) {
  const SignedSeam s(suite());
  const std::string other = "1 0 0 rg 0 0 100 100 re f";
  expect_caught(
      {{"given another look",
        s.changed("AP",
                  [&](Edit& edit) -> pdf::Value {
                    return dictionary({{"N", edit.add_stream(other)}});
                  }),
        Reason::field_lock_violated},
       {"given the look of another slice",
        s.changed("AP", [&](Edit& edit) { return *edit.get(s.mine[0]).find("AP"); }),
        Reason::field_lock_violated},
       {"its look written anew", s.edited([&](Edit& edit) {
          const pdf::Dictionary widget = edit.get(s.mine[1]);
          edit.put_stream(*widget.find("AP")->dictionary()->find("N")->reference(), other);
        }),
        Reason::changed_otherwise},
       {"hidden", s.changed("F", [](Edit&) { return number(2); }), Reason::changed_otherwise},
       {"given a value", s.changed("V", [](Edit&) { return name("On"); }),
        Reason::field_lock_violated},
       {"made active",
        s.changed("A",
                  [](Edit&) -> pdf::Value {
                    return dictionary({{"S", name("Named")}});
                  }),
        Reason::changed_otherwise}},
      s.desk.options());
}

// What the next party will fill in is prepared for it: nobody else changes it between.
TEST_P(SeamInPdf, SlicesOfTheNextPartyStayAsTheyWerePrepared) {
  Seams s(suite());
  const Bytes file = s.signed_by(with_seams(2), "party1");
  const std::vector<pdf::Reference> slices = Seams::slices(file, "party2");
  const auto then_signed = [&](const std::function<void(Edit&)>& how) {
    return [&, how] {
      Edit edit(file);
      how(edit);
      return s.desk.sign(edit.finish(), sealing("party2", kSignedAt + minutes(1)), s.alice);
    };
  };
  expect_caught({{"moved before the second signature", then_signed([&](Edit& edit) {
                    edit.change(slices[1], [](pdf::Dictionary& d) {
                      d.set("Rect", to_value(pdf::Rectangle{100, 100, 136.85, 210.55}));
                    });
                  }),
                  Reason::changed_otherwise},
                 {"shown, and the second signature does not come",
                  [&] {
                    Edit edit(file);
                    const pdf::Reference look = edit.add_stream("1 0 0 rg 0 0 100 100 re f");
                    edit.change(slices[1], [&](pdf::Dictionary& d) {
                      d.set("AP", dictionary({{"N", look}}));
                    });
                    return edit.finish();
                  },
                  Reason::certification_violated},
                 {"given a value with the second signature", then_signed([&](Edit& edit) {
                    edit.change(slices[1], [](pdf::Dictionary& d) { d.set("V", name("On")); });
                  }),
                  Reason::changed_otherwise}},
                s.desk.options());
}

// What an earlier signer saw, a later signature does not replace.
// shows-part: ECP-SEAL-4 (PDF)   mutant: tests/mutants/ECP-SEAL-4.seen_slice
TEST_P(SeamInPdf, ASliceThatShowedSomethingIsNotFilledInAnyMore) {
  Seams s(suite());
  const Bytes ready = with_seams(2);
  Edit edit(ready);
  const pdf::Reference look = edit.add_stream("1 0 0 rg 0 0 100 100 re f");
  edit.change(Seams::slices(ready, "party2")[1], [&](pdf::Dictionary& d) {
    d.set("AP", dictionary({{"N", look}}));
  });
  const Bytes once = s.signed_by(edit.finish(), "party1");
  EXPECT_EQ(must(verify_pdf(once, s.desk.options())).verdict, Verdict::valid);
  const Report report = must(verify_pdf(s.signed_by(once, "party2", 1), s.desk.options()));
  EXPECT_GT(report.verdict, Verdict::valid_with_notes) << words(report);
  EXPECT_TRUE(has(report.signatures[0].findings, Reason::certification_violated)) << words(report);
}

// A signature that leaves its slices open would let anybody put other pictures there.
// shows-part: ECP-SEAL-4 (PDF)   mutant: tests/mutants/ECP-SEAL-4.locked_slice
TEST_P(SeamInPdf, ASliceIsFilledInOnlyByASignatureThatLocksIt) {
  Seams s(suite());
  const Bytes once = s.signed_by(with_seams(2), "party1");
  const pdf::SignatureRequest request = sealing("party2", kSignedAt + minutes(1));
  pdf::Prepared prepared = must(pdf::prepare_signature(once, request));
  prepared.file = in_place(prepared.file, "(party2-seam1)", "(party2-seamX)");
  const Bytes file = with_message(prepared, s.desk.message(prepared, s.alice, request.time));
  const Report report = must(verify_pdf(file, s.desk.options()));
  EXPECT_EQ(report.signatures[1].signature, SignatureValue::valid) << words(report);
  EXPECT_GT(report.verdict, Verdict::valid_with_notes) << words(report);
  EXPECT_TRUE(has(report.signatures[0].findings, Reason::certification_violated)) << words(report);
}

// Slices that come with a later signature were seen by no earlier signer.
// shows-part: ECP-SEAL-4 (PDF)
TEST_P(SeamInPdf, SlicesAreNotAddedAfterTheFirstSignature) {
  Seams s(suite());
  const Bytes file = s.signed_by(with_seams(2), "party1");
  EXPECT_ERROR(pdf::prepare_fields(file, {{"late", "", {0, 10, 200, 20, 20}}}), Code::conflict);
  Edit edit(file);
  pdf::Dictionary copy = edit.get(Seams::slices(file, "party2")[1]);
  copy.set("T", pdf::to_text_string("party2-seam3"));
  copy.set("Rect", to_value(pdf::Rectangle{10, 10, 10 + kSealMm / kPages * 72 / 25.4,
                                           10 + kSealMm * 72 / 25.4}));
  const pdf::Reference more = edit.add(std::move(copy));
  const auto add_to = [&](pdf::Reference owner, const std::string& key, const pdf::Value& item) {
    edit.change(owner, [&](pdf::Dictionary& d) {
      pdf::Array list = *d.find(key)->array();
      list.items.push_back(item);
      d.set(key, std::move(list));
    });
  };
  add_to(must(must(pdf::Document::parse(file)).pages())[1].id, "Annots", more);
  add_to(edit.form(), "Fields", more);
  const Report report = must(verify_pdf(s.signed_by(edit.finish(), "party2", 1), s.desk.options()));
  EXPECT_GT(report.verdict, Verdict::valid_with_notes) << words(report);
  EXPECT_TRUE(has(report.signatures[0].findings, Reason::changed_otherwise)) << words(report);
}

}  // namespace
}  // namespace heqi::documents::verify
