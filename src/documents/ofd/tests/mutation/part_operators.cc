#include "operators.h"

namespace heqi::documents::ofd {
namespace {

using testing::SeededRandom;
using Parts = std::vector<NewEntry>;

bool is_of_signature(const NewEntry& part) {
  return part.name.find("/Signs/") != std::string::npos;
}
bool is_page(const NewEntry& part) {
  return part.name.ends_with("Content.xml");
}
bool is_text(const NewEntry& part) {
  return part.name.ends_with(".xml") && !is_of_signature(part);
}

// choose takes one of the parts that fit; nullptr where none does.
NewEntry* choose(Parts& parts, const std::function<bool(const NewEntry&)>& fits,
                 SeededRandom& random) {
  std::vector<NewEntry*> found;
  for (NewEntry& one : parts)
    if (fits(one)) found.push_back(&one);
  return found.empty() ? nullptr : found[random.below(found.size())];
}

using Change = std::function<bool(Parts&, SeededRandom&)>;

// on_parts makes an operator of a change of parts; false: there was nothing to change.
Operator on_parts(std::string name, Claim claim, Change change) {
  return {std::move(name),
          [claim, change = std::move(change)](const Sample& sample, SealingDesk&,
                                              SeededRandom& random) -> std::optional<Mutated> {
            Parts parts = parts_of(sample.file);
            if (!change(parts, random)) return std::nullopt;
            auto file = write_package(nullptr, parts);
            if (!file) return std::nullopt;
            return Mutated{*std::move(file), claim};
          }};
}

// on_one changes one part that fits.
Operator on_one(std::string name, std::function<bool(const NewEntry&)> fits,
                std::function<bool(Bytes&, SeededRandom&)> change, Claim claim = Claim::broken) {
  return on_parts(
      std::move(name), claim,
      [fits = std::move(fits), change = std::move(change)](Parts& parts, SeededRandom& random) {
        NewEntry* const one = choose(parts, fits, random);
        return one && change(one->content, random);
      });
}

bool flip(Bytes& content, SeededRandom& random) {
  if (content.empty()) return false;
  content[random.below(content.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
  return true;
}

// replaced puts to in the place of one from, from a random place on.
bool replaced(Bytes& content, std::string_view from, std::string_view to, SeededRandom& random) {
  std::string text(base::text_of(content));
  std::size_t at = text.find(from, random.below(text.size()));
  if (at == std::string::npos) at = text.find(from);
  if (at == std::string::npos) return false;
  text.replace(at, from.size(), to);
  content = base::to_bytes(text);
  return true;
}

std::function<bool(Bytes&, SeededRandom&)> replacing(std::string from, std::string to) {
  return [from = std::move(from), to = std::move(to)](Bytes& content, SeededRandom& random) {
    return replaced(content, from, to, random);
  };
}

std::function<bool(const NewEntry&)> named(std::string end) {
  return [end = std::move(end)](const NewEntry& part) { return part.name.ends_with(end); };
}

bool digit_changed(Bytes& content, SeededRandom& random) {
  const std::size_t begin = random.below(content.size());
  for (std::size_t i = 0; i < content.size(); ++i) {
    std::uint8_t& c = content[(begin + i) % content.size()];
    if (c < '0' || c > '8') continue;
    ++c;
    return true;
  }
  return false;
}

bool is_document(const NewEntry& part) {
  return !is_of_signature(part);
}

bool swap_two(Parts& parts, SeededRandom& random) {
  NewEntry* const a = choose(parts, is_document, random);
  NewEntry* const b = choose(parts, is_document, random);
  if (a->content == b->content) return false;
  std::swap(a->content, b->content);
  return true;
}

bool drop_one(Parts& parts, SeededRandom& random) {
  const NewEntry* const one = choose(parts, is_document, random);
  parts.erase(parts.begin() + (one - parts.data()));
  return true;
}

bool add_copy(Parts& parts, SeededRandom& random) {
  NewEntry copy = *choose(parts, is_document, random);
  copy.name = "Doc_0/Extra_" + std::to_string(random.below(1000)) + ".xml";
  parts.push_back(std::move(copy));
  return true;
}

bool rename_one(Parts& parts, SeededRandom& random) {
  choose(parts, is_document, random)->name += ".old";
  return true;
}

bool change_case(Parts& parts, SeededRandom& random) {
  NewEntry* const one = choose(parts, is_document, random);
  one->name[0] = one->name[0] == 'D' ? 'd' : 'o';
  return true;
}

// exchange_values swaps what two signatures of one file say.
bool exchange_values(Parts& parts, SeededRandom&) {
  std::vector<NewEntry*> values;
  for (NewEntry& one : parts)
    if (one.name.ends_with("SignedValue.dat")) values.push_back(&one);
  if (values.size() < 2) return false;
  std::swap(values[0]->content, values[1]->content);
  return true;
}

// remove_signature takes the last entry from the list and leaves its files.
bool remove_signature(Bytes& content, SeededRandom&) {
  std::string text(base::text_of(content));
  const std::size_t at = text.rfind("<ofd:Signature ");
  if (at == std::string::npos) return false;
  text.erase(at, text.find("/>", at) + 2 - at);
  content = base::to_bytes(text);
  return true;
}

// drop_signature takes the files of the last signature and its entry: nobody can tell afterwards,
// unless a later or closing signature covers them.
bool drop_files(Parts& parts, SeededRandom&) {
  return std::erase_if(parts, [](const NewEntry& one) {
           return one.name.ends_with("Sign_0/SignedValue.dat");
         }) != 0;
}

bool drop_element(Bytes& content, SeededRandom&) {
  std::string text(base::text_of(content));
  const std::size_t at = text.rfind("<ofd:TextObject"), end = text.find("</ofd:TextObject>", at);
  if (at == std::string::npos || end == std::string::npos) return false;
  text.erase(at, end + 17 - at);
  content = base::to_bytes(text);
  return true;
}

}  // namespace

std::vector<Operator> part_operators() {
  const auto append_space = [](Bytes& content, SeededRandom&) {
    content.push_back(' ');
    return true;
  };
  const auto put_mark = [](Bytes& content, SeededRandom&) {
    content.insert(content.begin(), {0xEF, 0xBB, 0xBF});
    return true;
  };
  const auto emptied = [](Bytes& content, SeededRandom&) {
    content.clear();
    return true;
  };
  const auto cut = [](Bytes& content, SeededRandom& random) {
    if (content.empty()) return false;
    content.resize(random.below(content.size()));
    return true;
  };
  return {
      on_one("flip in the document", is_document, flip),
      on_one("flip in a page", is_page, flip),
      on_one("a digit of a page", is_page, digit_changed),
      on_one("white space after XML", is_text, append_space),
      on_one("a byte order mark before XML", is_text, put_mark),
      on_one("an empty part", is_document, emptied),
      on_one("a cut part", is_document, cut),
      on_one("another size of letters", is_page, replacing("Size=\"", "Size=\"1")),
      on_one("an object more", is_page,
             replacing("</ofd:Layer>", "<ofd:PathObject Boundary=\"0 0 9 9\"/></ofd:Layer>")),
      on_one("an object less", is_page, drop_element),
      on_one("another template", named("Document.xml"),
             replacing("</ofd:CommonData>",
                       "<ofd:TemplatePage ID=\"999\" BaseLoc=\"x\"/></ofd:CommonData>")),
      on_one("other pages", named("Document.xml"), replacing("Page_0", "Page_1")),
      on_one("another title", named("OFD.xml"), replacing("租赁", "买卖")),
      on_parts("two parts exchanged", Claim::broken, swap_two),
      on_parts("a part less", Claim::broken, drop_one),
      on_parts("a part more", Claim::broken, add_copy),
      on_parts("a part by another name", Claim::broken, rename_one),
      on_parts("a part in another case", Claim::broken, change_case),
      on_one("flip in Signature.xml", named("/Signature.xml"), flip),
      on_one("a digit of Signature.xml", named("/Signature.xml"), digit_changed),
      on_one("another place of the seal", named("/Signature.xml"),
             replacing("Boundary=\"", "Boundary=\"1")),
      on_one("a reference elsewhere", named("/Signature.xml"),
             replacing("FileRef=\"/Doc_0/", "FileRef=\"/Doc_1/")),
      on_one("flip in SignedValue.dat", named("SignedValue.dat"), flip),
      on_one("flip in Seal.esl", named("Seal.esl"), flip),
      on_one("flip in the list", named("Signatures.xml"), flip, Claim::open),
      on_one("a signature not listed", named("Signatures.xml"), remove_signature),
      on_parts("values exchanged", Claim::broken, exchange_values),
      on_parts("a value less", Claim::broken, drop_files),
  };
}

}  // namespace heqi::documents::ofd
