// Our reader's summary.
#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/second_opinion/opinion.h>

#include "summary.h"

namespace heqi::documents::second_opinion {

std::string hash_of(base::ByteView octets) {
  return base::to_hex(crypto::sm3(octets));
}

std::string page_line(std::size_t number, const pdf::Rectangle& media, int rotate,
                      const std::vector<std::string>& content) {
  std::string line = "page " + std::to_string(number + 1) + " box " +
                     pdf::encode_value(to_value(media)) + " rotate " + std::to_string(rotate);
  for (const std::string& hash : content) line += " content " + hash;
  return line;
}

base::Result<Summary> summarise_ours(base::ByteView file) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
  HEQI_TRY(const auto pages, document.pages());
  Summary out{"pages " + std::to_string(pages.size())};
  for (std::size_t i = 0; i < pages.size(); ++i) {
    HEQI_TRY(const auto content, document.content(pages[i]));
    std::vector<std::string> hashes;
    for (const base::Bytes& stream : content) hashes.push_back(hash_of(stream));
    out.push_back(page_line(i, pages[i].media_box, pages[i].rotate, hashes));
  }
  HEQI_TRY(const pdf::Form form, pdf::get_form(document));
  HEQI_TRY(const auto signatures, pdf::find_signatures(document));
  for (const pdf::Field& field : form.fields) {
    std::string line = "field " + field.name + " type " + field.type;
    for (const pdf::SignatureDictionary& signature : signatures) {
      if (signature.field.id != field.id || !signature.dictionary) continue;
      const bool known = !(signature.type == "DocTimeStamp" && document.trailer().find("Encrypt"));
      line += " contents " + (known ? hash_of(signature.contents) : "closed") + " range";
      for (const std::int64_t number : signature.byte_range) line += " " + std::to_string(number);
    }
    out.push_back(std::move(line));
  }
  std::sort(out.begin() + 1 + static_cast<std::ptrdiff_t>(pages.size()), out.end());
  return out;
}

}  // namespace heqi::documents::second_opinion
