// make_pades_samples FOLDER: RSA and ECDSA files of every PAdES level, one of five parties and one
// with their seals across all pages, with the root that vouches for them, for readers that do not
// know SM2.
#include <heqi/base/text.h>

#include "pades_desk.h"

namespace heqi::documents {
namespace {

void save(const std::string& path, ByteView content) {
  if (!base::write_file(path, content)) std::printf("cannot write %s\n", path.c_str());
}

void make(const testing::Suite& suite, const std::string& folder) {
  PadesDesk desk(suite);
  const std::string at = folder + "/" + std::string(suite.name()) + "-";
  save(at + "root.pem",
       base::bytes_of(base::to_pem("CERTIFICATE", desk.authority.root().certificate.der())));
  const Credential alice = desk.make_person("Alice");
  const std::pair<const char*, Level> levels[] = {
      {"b", Level::b}, {"t", Level::t}, {"lt", Level::lt}, {"lta", Level::lta}};
  for (const auto& [name, level] : levels)
    save(at + name + ".pdf", desk.sign(with_fields(1), "party1", alice, level));
  Bytes five = with_fields(5);
  for (std::size_t i = 1; i <= 5; ++i) {
    const Credential person = desk.make_person("Party " + std::to_string(i));
    five = desk.sign(five, "party" + std::to_string(i), person, i == 5 ? Level::lta : Level::t);
  }
  save(at + "five.pdf", five);
  Bytes seams = with_seams(5);
  for (std::size_t i = 1; i <= 5; ++i) {
    const Credential person = desk.make_person("Party " + std::to_string(i));
    sign::Wish wish = desk.wish_of("party" + std::to_string(i), person);
    wish.place.appearance = square();
    seams = desk.sign(seams, wish, person, i == 5 ? Level::lta : Level::t);
  }
  save(at + "seams.pdf", seams);
}

}  // namespace
}  // namespace heqi::documents

int main(int count, char** arguments) {
  if (count != 2) return 2;
  heqi::documents::make(heqi::testing::rsa_suite(), arguments[1]);
  heqi::documents::make(heqi::testing::ecdsa_suite(), arguments[1]);
  return ::testing::Test::HasFailure() ? 1 : 0;
}
