// draft.h: certificate bodies with what the builder would not write, for the tests of the lints.
#pragma once
#include <heqi/services/ca/lint.h>

#include <gtest/gtest.h>

#include <heqi/x509/oids.h>

namespace heqi::services::ca {

namespace oids = x509::oids;
using asn1::Writer;
using x509::CertificateBody;

// Attribute is one relative name, of any string type.
struct Attribute {
  asn1::Oid type;
  asn1::Tag tag;
  std::string text;
};
inline void write_attribute(Writer& out, const Attribute& one) {
  out.sequence([&](Writer& pair) {
    pair.oid(one.type);
    pair.element(one.tag, base::bytes_of(one.text));
  });
}
inline x509::Name name_of(const std::vector<Attribute>& attributes) {
  Writer out;
  out.sequence([&](Writer& names) {
    for (const Attribute& one : attributes)
      names.constructed(asn1::kSet, [&](Writer& set) { write_attribute(set, one); });
  });
  return *x509::Name::parse(out.bytes());
}
inline Attribute country(std::string text = "CN") {
  return {oids::country(), asn1::kPrintableString, std::move(text)};
}
inline Attribute common_name(std::string text) {
  return {oids::common_name(), asn1::kUtf8String, std::move(text)};
}
inline x509::Name person_name() {
  return name_of({country(), common_name("张三")});
}

// Draft is a certificate body with what the builder would not write.
struct Draft {
  CertificateBody body;
  x509::AlgorithmIdentifier algorithm = x509::sm2_with_sm3_algorithm();
  bool generalized_begin = false;

  void replace(const asn1::Oid& type, x509::Extension by) {
    for (x509::Extension& extension : body.extensions)
      if (extension.type == type) extension = std::move(by);
  }
  x509::Extension& extension(const asn1::Oid& type) {
    for (x509::Extension& extension : body.extensions)
      if (extension.type == type) return extension;
    ADD_FAILURE() << type.dotted();
    return body.extensions.front();
  }
  void remove(const asn1::Oid& type) {
    std::erase_if(body.extensions, [&](const auto& extension) { return extension.type == type; });
  }
  void add(x509::Extension extension) { body.extensions.push_back(std::move(extension)); }

  base::Bytes tbs() const {
    Writer out;
    out.sequence([&](Writer& w) {
      w.explicit_tag(0, [](Writer& version) { version.integer(2); });
      w.unsigned_integer(body.serial);
      x509::write_algorithm(w, algorithm);
      w.raw(body.issuer.der());
      w.sequence([&](Writer& validity) {
        if (generalized_begin)
          validity.generalized_time(body.not_before);
        else
          validity.time(body.not_before);
        validity.time(body.not_after);
      });
      w.raw(body.subject.der()).raw(body.public_key.der);
      w.explicit_tag(3, [&](Writer& e) { x509::write_extensions(e, body.extensions); });
    });
    return out.take();
  }
};

}  // namespace heqi::services::ca
