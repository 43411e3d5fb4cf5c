// sign_ofd.h: a signature or seal inside an OFD file, from the command line.
#pragma once
#include <optional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/fetch.h>
#include <heqi/documents/ofd/seam.h>

#include "signing_key.h"

namespace heqi::program {

// OfdWish is what the command line says. A seal goes to one place: a box, a word, or the edges of
// all pages.
struct OfdWish {
  std::string input, output;
  std::string seal;  // the file of a seal; empty: a signature without one
  struct Place {
    std::size_t page = 0;
    double x = 0, y = 0;  // of the upper left corner, millimetres
  };
  std::optional<Place> place;
  std::string word;  // the seal's middle goes to each place of this word
  std::optional<documents::ofd::SeamRequest> seam;  // across the edges of all pages
  std::string time_stamp_url;                       // empty: the time is the signer's word
  documents::ofd::Closing closing = documents::ofd::Closing::keep_open;
};

// stamps_of decides where a seal of this picture goes in file. Fails with not_found where the word
// is nowhere, malformed and as Package::open.
base::Result<std::vector<documents::ofd::StampRequest>> stamps_of(
    const OfdWish& wish, base::ByteView file, const documents::seal::Picture& picture);
inline constexpr std::size_t kOfdSizeMax = std::size_t{1} << 30;  // docs/limits.md

struct SignedOfd {
  std::string part;  // Signature.xml
  std::size_t stamps = 0;
  std::string digest;  // SM3 of the new file, lower-case hexadecimal
};

// sign_ofd signs input with an SM2 key into output. Nothing is left at output where it fails. Fails
// as the layers below; not_found where the word is nowhere; unsupported for other keys.
base::Result<SignedOfd> sign_ofd(const OfdWish& wish, SigningKey& key, base::Fetch& fetch,
                                 const base::Clock& clock, base::Random& random);

// is_ofd_file tells from its first octets whether a file is a package.
bool is_ofd_file(const std::string& path);

}  // namespace heqi::program
