// The document security store (ISO 32000-2 §12.8.4.3; ETSI EN 319 142-1 §5.4).
#include <algorithm>

#include <heqi/documents/pdf/sign.h>

#include "form_edit.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

// Store adds streams to one of the DSS arrays and finds those that are there already.
class Store {
 public:
  Store(const Document& document, Update& update) : document_(document), update_(update) {}

  base::Status load(const Dictionary& dss, std::string_view key) {
    HEQI_TRY(const Value* const value, document_.find(dss, key));
    if (!value) return {};
    if (!value->array()) return fail(Code::malformed, "DSS: /" + std::string(key) + " is no array");
    for (const Value& item : value->array()->items) {
      HEQI_TRY(const Value* const stream, document_.resolve(item));
      if (!item.reference() || !stream->stream())
        return fail(Code::malformed, "DSS: /" + std::string(key) + " holds no stream");
      HEQI_TRY(Decoded decoded, document_.decode(*stream->stream()));
      known_.emplace_back(std::move(decoded.octets), *item.reference());
    }
    return {};
  }

  void add(const std::vector<base::Bytes>& items) {
    for (const base::Bytes& item : items) {
      auto found = std::find_if(known_.begin(), known_.end(),
                                [&](const auto& entry) { return entry.first == item; });
      if (found == known_.end()) {
        known_.emplace_back(item, update_.add({Dictionary{}, item}));
        found = std::prev(known_.end());
        grown_ = true;
      }
      given_.push_back(found->second);
    }
  }

  bool has_grown() const { return grown_; }
  Array all() const {
    Array out;
    for (const auto& [bytes, id] : known_) out.items.push_back(id);
    return out;
  }
  base::Result<Array> pick(const std::vector<std::size_t>& indexes) const {
    Array out;
    for (const std::size_t index : indexes) {
      if (index >= given_.size()) return fail(Code::malformed, "VRI: index out of range");
      out.items.push_back(given_[index]);
    }
    return out;
  }

 private:
  const Document& document_;
  Update& update_;
  std::vector<std::pair<base::Bytes, Reference>> known_;
  std::vector<Reference> given_;
  bool grown_ = false;
};

bool is_vri_key(const std::string& key) {
  return key.size() == 40 && std::all_of(key.begin(), key.end(), [](char digit) {
           return (digit >= '0' && digit <= '9') || (digit >= 'A' && digit <= 'F');
         });
}

}  // namespace

base::Result<base::Bytes> append_validation_data(base::ByteView file, const ValidationData& data) {
  HEQI_TRY(const Document document, Document::parse(file));
  Update update(document);
  const Reference root = document.catalog_reference();
  HEQI_TRY(Dictionary catalog, dictionary_of(update, root));
  Dictionary dss, related;
  HEQI_TRY(const Value* const present, document.find(catalog, "DSS"));
  if (present) {
    if (!present->dictionary()) return fail(Code::malformed, "catalog: /DSS is no dictionary");
    dss = *present->dictionary();
    HEQI_TRY(const Value* const vri, document.find(dss, "VRI"));
    if (vri && vri->dictionary()) related = *vri->dictionary();
  }
  Store certificates(document, update), crls(document, update), ocsps(document, update);
  HEQI_TRY(certificates.load(dss, "Certs"));
  HEQI_TRY(crls.load(dss, "CRLs"));
  HEQI_TRY(ocsps.load(dss, "OCSPs"));
  certificates.add(data.certificates);
  crls.add(data.crls);
  ocsps.add(data.ocsps);
  bool changed = certificates.has_grown() || crls.has_grown() || ocsps.has_grown();
  for (const ValidationData::Related& entry : data.related) {
    if (!is_vri_key(entry.key))
      return fail(Code::malformed, "VRI: the key is not 40 upper-case hexadecimal digits");
    HEQI_TRY(Array its_certificates, certificates.pick(entry.certificates));
    HEQI_TRY(Array its_crls, crls.pick(entry.crls));
    HEQI_TRY(Array its_ocsps, ocsps.pick(entry.ocsps));
    Dictionary value;
    value.set("Type", Name{"VRI"});
    if (!its_certificates.items.empty()) value.set("Cert", std::move(its_certificates));
    if (!its_crls.items.empty()) value.set("CRL", std::move(its_crls));
    if (!its_ocsps.items.empty()) value.set("OCSP", std::move(its_ocsps));
    const Value* before = related.find(entry.key);
    if (before && *before == Value(value)) continue;
    related.set(entry.key, std::move(value));
    changed = true;
  }
  if (!changed) return base::Bytes();
  dss.set("Type", Name{"DSS"});
  const auto set_array = [&](std::string_view key, Array items) {
    if (!items.items.empty()) dss.set(key, std::move(items));
  };
  set_array("Certs", certificates.all());
  set_array("CRLs", crls.all());
  set_array("OCSPs", ocsps.all());
  if (!related.entries.empty()) dss.set("VRI", std::move(related));
  const Value* direct = catalog.find("DSS");
  if (direct && direct->reference()) {
    update.put(*direct->reference(), {std::move(dss), {}});
  } else {
    catalog.set("DSS", update.add({std::move(dss), {}}));
    update.put(root, {std::move(catalog), {}});
  }
  HEQI_TRY(Update::Written written, update.finish());
  return std::move(written.octets);
}

base::Result<base::Bytes> add_validation_data(base::ByteView file, const ValidationData& data) {
  HEQI_TRY(const base::Bytes appended, append_validation_data(file, data));
  return join(file, appended);
}

}  // namespace heqi::documents::pdf
