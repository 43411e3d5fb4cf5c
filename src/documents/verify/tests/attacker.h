// What an attacker does to files: updates of his own, changes in place, signatures of an insider
// whose arithmetic is right and whose dictionary lies.
#pragma once
#include <functional>

#include "signing_desk.h"

namespace heqi::documents::verify {

inline std::string text_of(const Bytes& file) {
  return std::string(base::text_of(file));
}

// in_place puts to over the last occurrence of from; the longer side is filled with spaces.
inline Bytes in_place(const Bytes& file, const std::string& from, std::string to) {
  std::string text = text_of(file);
  const std::size_t where = text.rfind(from);
  HEQI_CHECK(where != std::string::npos && to.size() <= from.size());
  to.resize(from.size(), ' ');
  return base::to_bytes(text.replace(where, from.size(), to));
}

// Edit is one incremental update by anybody.
class Edit {
 public:
  explicit Edit(const Bytes& file)
      : file_(file), document_(must(pdf::Document::parse(file_))), update_(document_) {}

  pdf::Dictionary get(pdf::Reference id) const {
    const pdf::Object* object = must(document_.get(id));
    return *object->value.dictionary();
  }
  Edit& change(pdf::Reference id, const std::function<void(pdf::Dictionary&)>& how) {
    pdf::Dictionary dictionary = get(id);
    how(dictionary);
    update_.put(id, {std::move(dictionary), {}});
    return *this;
  }
  Edit& put_stream(pdf::Reference id, const std::string& data) {
    update_.put(id, {pdf::Dictionary{}, base::to_bytes(data)});
    return *this;
  }
  Edit& put(pdf::Reference id, pdf::Value value) {
    update_.put(id, {std::move(value), {}});
    return *this;
  }
  pdf::Reference add(pdf::Value value) { return update_.add({std::move(value), {}}); }
  pdf::Reference add_stream(const std::string& data) {
    return update_.add({pdf::Dictionary{}, base::to_bytes(data)});
  }
  Bytes finish() const {
    Bytes out = file_;
    base::append(out, must(update_.finish()).octets);
    return out;
  }

  pdf::Reference root() const { return document_.catalog_reference(); }
  pdf::Reference page() const { return must(document_.pages())[0].id; }
  pdf::Reference pages() const { return *get(root()).find("Pages")->reference(); }
  pdf::Reference content() const { return *get(page()).find("Contents")->reference(); }
  pdf::Reference form() const { return *must(pdf::get_form(document_)).id; }
  pdf::Reference field(const std::string& name) const {
    return must(pdf::get_form(document_)).find(name)->id;
  }
  pdf::Reference signature(const std::string& name) const {
    return *get(field(name)).find("V")->reference();
  }

 private:
  Bytes file_;
  pdf::Document document_;
  pdf::Update update_;
};

// A dictionary from text is not needed: names and numbers are enough.
inline pdf::Dictionary dictionary(std::initializer_list<std::pair<std::string, pdf::Value>> list) {
  pdf::Dictionary out;
  for (const auto& [key, value] : list) out.set(key, value);
  return out;
}
inline pdf::Value name(const std::string& text) {
  return pdf::Name{text};
}
inline pdf::Value number(std::int64_t value) {
  return value;
}

// sign_range lets an insider sign exactly the octets that his own /ByteRange names.
inline Bytes sign_range(SigningDesk& desk, pdf::Prepared prepared, const Credential& signer,
                        std::array<std::uint64_t, 4> range) {
  std::string text = text_of(prepared.file);
  const std::size_t begin = text.rfind("/ByteRange [") + 11;
  const std::size_t end = text.find(']', begin) + 1;
  std::string stated = "[";
  for (const std::uint64_t one : range) stated += std::to_string(one) + " ";
  stated.back() = ']';
  HEQI_CHECK(stated.size() <= end - begin);
  stated.insert(stated.size() - 1, end - begin - stated.size(), ' ');
  text.replace(begin, end - begin, stated);
  prepared.file = base::to_bytes(text);
  const ByteView file = prepared.file;
  const Bytes content =
      base::concat({file.subspan(range[0], range[1]), file.subspan(range[2], range[3])});
  return must(
      pdf::finish_signature(prepared, desk.authority.sign_message(signer, content, kSignedAt)));
}

// with_message puts another message into the hole of a prepared file.
inline Bytes with_message(const pdf::Prepared& prepared, ByteView message) {
  return must(pdf::finish_signature(prepared, message));
}

}  // namespace heqi::documents::verify
