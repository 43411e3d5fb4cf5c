#include <heqi/testing/foreign_suites.h>

#include "operators.h"

namespace heqi::documents::verify {
namespace {

using pdf::Array;
using pdf::Dictionary;
using testing::SeededRandom;

using Change = std::function<void(Edit&, SeededRandom&)>;

// update is one incremental update, and what is claimed of the result.
Operator update(const std::string& name, Claim claim, const Change& change) {
  return {name, [change, claim](const Seed& seed, SeededRandom& random) -> std::optional<Mutated> {
            Edit edit(seed.file);
            change(edit, random);
            return Mutated{edit.finish(), claim};
          }};
}

Operator raw(const std::string& name, Claim claim,
             const std::function<Bytes(const Seed&, SeededRandom&)>& more) {
  return {name, [more, claim](const Seed& seed, SeededRandom& random) -> std::optional<Mutated> {
            return Mutated{base::concat({seed.file, more(seed, random)}), claim};
          }};
}

void change_content(Edit& edit, SeededRandom& random) {
  pdf::Dictionary page = edit.get(edit.page());
  const pdf::Value* contents = page.find("Contents");
  const pdf::Reference id =
      contents->reference() ? *contents->reference() : *contents->array()->items[0].reference();
  edit.put_stream(id, "BT (" + std::to_string(random.next()) + ") Tj ET");
}

void add_annotation(Edit& edit, SeededRandom& random) {
  const double at = static_cast<double>(random.below(500));
  const pdf::Reference id =
      edit.add(dictionary({{"Type", name("Annot")},
                           {"Subtype", name("FreeText")},
                           {"Rect", pdf::to_value(pdf::Rectangle{at, at, at + 50, at + 20})}}));
  edit.change(edit.page(), [&](Dictionary& page) {
    Array list;
    if (const pdf::Value* had = page.find("Annots"); had && had->array()) list = *had->array();
    list.items.push_back(id);
    page.set("Annots", list);
  });
}

void remove_first_value(Edit& edit, SeededRandom&) {
  edit.change(edit.field("party1"), [](Dictionary& field) { field.remove("V"); });
}

void hide_first_field(Edit& edit, SeededRandom&) {
  edit.change(edit.field("party1"), [](Dictionary& field) { field.set("F", number(2)); });
}

void add_unseen(Edit& edit, SeededRandom& random) {
  edit.add_stream("BT (" + std::to_string(random.next()) + ") Tj ET");
}

void add_layers(Edit& edit, SeededRandom&) {
  const pdf::Reference layer = edit.add(dictionary({{"Type", name("OCG")}}));
  edit.change(edit.root(), [&](Dictionary& root) {
    root.set("OCProperties", dictionary({{"OCGs", Array{{layer}}}, {"D", Dictionary{}}}));
  });
}

void add_script(Edit& edit, SeededRandom&) {
  edit.change(edit.root(), [](Dictionary& root) {
    root.set("OpenAction", dictionary({{"S", name("JavaScript")}}));
  });
}

// add_stamp is a further document time-stamp of the same authority.
std::optional<Mutated> add_stamp(const Seed& seed, SeededRandom&) {
  pdf::TimeStampRequest request;
  request.field = "mutated";
  const pdf::Prepared prepared = must(pdf::prepare_document_time_stamp(seed.file, request));
  const Bytes token = seed.desk->authority.make_time_stamp(prepared.content_to_sign(),
                                                           kSignedAt + std::chrono::hours(2));
  return Mutated{must(pdf::finish_signature(prepared, token)), Claim::harmless};
}

std::optional<Mutated> add_data(const Seed& seed, SeededRandom&) {
  return Mutated{seed.desk->add_data(seed.file, {}, kSignedAt + std::chrono::hours(2)),
                 Claim::harmless};
}

// forged_stamp is one of an authority that nobody trusts.
std::optional<Mutated> forged_stamp(const Seed& seed, SeededRandom&) {
  pdf::TimeStampRequest request;
  request.field = "mutated";
  const pdf::Prepared prepared = must(pdf::prepare_document_time_stamp(seed.file, request));
  // The keys of the RSA suite are few and go round: a stranger could have one of the authority's.
  Authority stranger(99, testing::ecdsa_suite());
  return Mutated{must(pdf::finish_signature(
                     prepared, stranger.make_time_stamp(prepared.content_to_sign(), kSignedAt))),
                 Claim::broken};
}

}  // namespace

std::vector<Operator> update_operators() {
  return {
      update("another content", Claim::broken, change_content),
      update("an annotation", Claim::broken, add_annotation),
      update("a signature removed", Claim::broken, remove_first_value),
      update("a signature hidden", Claim::broken, hide_first_field),
      update("an object that nothing refers to", Claim::broken, add_unseen),
      update("layers", Claim::broken, add_layers),
      update("a script", Claim::broken, add_script),
      update("nothing but a cross-reference section", Claim::open, [](Edit&, SeededRandom&) {}),
      {"a document time-stamp", add_stamp},
      {"a document time-stamp of a stranger", forged_stamp},
      {"validation data", add_data},
      raw("white space", Claim::open,
          [](const Seed&, SeededRandom& random) { return Bytes(1 + random.below(50), '\n'); }),
      raw("a comment", Claim::broken,
          [](const Seed&, SeededRandom&) { return base::to_bytes("% more\n"); }),
      raw("an object without cross-references", Claim::broken,
          [](const Seed&, SeededRandom&) {
            return base::to_bytes("4 0 obj\n<< /Length 0 >>\nendobj\n");
          }),
      raw("the file once more", Claim::broken,
          [](const Seed& seed, SeededRandom&) { return seed.file; }),
      raw("the end of the file once more", Claim::broken,
          [](const Seed& seed, SeededRandom& random) {
            const std::size_t size = 20 + static_cast<std::size_t>(random.below(1000));
            return Bytes(seed.file.end() - static_cast<std::ptrdiff_t>(size), seed.file.end());
          }),
  };
}

}  // namespace heqi::documents::verify
