// oes.cc: the OES functions over Component.
#include <heqi_oes.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/sealed_signature.h>

#include "answer.h"
#include "component.h"
#include "wall_time.h"

namespace {

namespace seal = heqi::documents::seal;
using heqi::base::Bytes;
using heqi::base::Code;
using heqi::base::fail;
using heqi::base::Result;
using heqi::base::Status;
using heqi::oes::Component;
using heqi::oes::finish_call;
using heqi::oes::octets_of;
using heqi::oes::Place;
using heqi::oes::put;
using heqi::oes::text_of;

constexpr const char* kSignMethod = "1.2.156.10197.1.501";    // SM2 with SM3
constexpr const char* kDigestMethod = "1.2.156.10197.1.401";  // SM3
constexpr const char* kInterfaceVersion = "2.0";

int number(const std::function<Status()>& act) {
  return static_cast<int>(finish_call(act));
}

// Each call reads the configuration: a reader stays open for days.
Result<Component> open_component() {
  HEQI_TRY(heqi::oes::Settings settings, heqi::oes::read_settings(heqi::oes::settings_path()));
  return Component(std::move(settings));
}

Status check_method(const unsigned char* octets, int size, std::string_view wanted,
                    std::string_view name) {
  HEQI_TRY(const std::string method, text_of(octets, size));
  if (method.empty() || method == wanted || method == name) return {};
  return fail(Code::unsupported, "the method " + method);
}

// put_all gives every answer its place; one that is too short does not keep the others back.
Status put_all(std::initializer_list<std::pair<std::string, Place>> answers) {
  Status out;
  for (const auto& [answer, place] : answers)
    if (Status one = put(answer, place); !one) out = std::move(one);
  return out;
}

std::string signers_of(const seal::SignerList& list) {
  std::string out;
  for (const Bytes& one : list.certificates) {
    const auto certificate = heqi::x509::parse_certificate(one);
    out += (out.empty() ? "" : "; ") + (certificate ? certificate->subject().text() : "?");
  }
  for (const seal::CertificateDigest& one : list.digests)
    out += (out.empty() ? "" : "; ") + one.algorithm + ":" + heqi::base::to_hex(one.value);
  return out;
}

struct PicturePlace {
  Place image;
  int *width, *height;
};

Status put_picture(const seal::Picture& picture, const PicturePlace& place) {
  if (place.width != nullptr) *place.width = static_cast<int>(picture.width_mm);
  if (place.height != nullptr) *place.height = static_cast<int>(picture.height_mm);
  return put(picture.data, place.image);
}

}  // namespace

extern "C" {

int OES_GetProviderInfo(unsigned char* name, int* name_size, unsigned char* company,
                        int* company_size, unsigned char* version, int* version_size,
                        unsigned char* extend, int* extend_size) {
  return number([&] {
    return put_all({{"Heqi 合契", {name, name_size}},
                    {"Heqi", {company, company_size}},
                    {kInterfaceVersion, {version, version_size}},
                    {HEQI_VERSION, {extend, extend_size}}});
  });
}

int OES_GetSealList(unsigned char* list, int* list_size) {
  return number([&]() -> Status {
    HEQI_TRY(const Component component, open_component());
    HEQI_TRY(const std::vector<seal::Seal> all, component.seals());
    std::string text;
    for (const seal::Seal& one : all) (text += one.info.id + '\0') += one.info.name + '\0';
    text += '\0';
    return put(text, {list, list_size});
  });
}

int OES_GetSeal(unsigned char* seal_id, int seal_id_size, unsigned char* seal_octets,
                int* seal_size) {
  return number([&]() -> Status {
    HEQI_TRY(const Component component, open_component());
    HEQI_TRY(const std::string wanted, text_of(seal_id, seal_id_size));
    HEQI_TRY(const seal::Seal found, component.find_seal(wanted));
    return put(found.der, {seal_octets, seal_size});
  });
}

int OES_GetSealInfo(unsigned char* seal_octets, int seal_size, unsigned char* seal_id,
                    int* seal_id_size, unsigned char* version, int* version_size,
                    unsigned char* vendor_id, int* vendor_id_size, unsigned char* seal_type,
                    int* seal_type_size, unsigned char* seal_name, int* seal_name_size,
                    unsigned char* signers, int* signers_size, unsigned char* valid_from,
                    int* valid_from_size, unsigned char* valid_until, int* valid_until_size,
                    unsigned char* made_on, int* made_on_size, unsigned char* maker,
                    int* maker_size, unsigned char* sign_method, int* sign_method_size) {
  return number([&]() -> Status {
    HEQI_TRY(const Bytes octets, octets_of(seal_octets, seal_size));
    HEQI_TRY(const seal::Seal read, seal::parse_seal(octets));
    HEQI_TRY(const auto by, heqi::x509::parse_certificate(read.certificate));
    const seal::SealInfo& info = read.info;
    return put_all({{info.id, {seal_id, seal_id_size}},
                    {std::to_string(info.version), {version, version_size}},
                    {info.vendor, {vendor_id, vendor_id_size}},
                    {std::to_string(info.type), {seal_type, seal_type_size}},
                    {info.name, {seal_name, seal_name_size}},
                    {signers_of(info.signers), {signers, signers_size}},
                    {heqi::program::wall_date(info.valid_from), {valid_from, valid_from_size}},
                    {heqi::program::wall_date(info.valid_until), {valid_until, valid_until_size}},
                    {heqi::program::wall_date(info.created), {made_on, made_on_size}},
                    {by.subject().text(), {maker, maker_size}},
                    {read.algorithm.dotted(), {sign_method, sign_method_size}}});
  });
}

int OES_GetSealImage(unsigned char* seal_octets, int seal_size, int, unsigned char* image,
                     int* image_size, int* width, int* height) {
  return number([&]() -> Status {
    HEQI_TRY(const Bytes octets, octets_of(seal_octets, seal_size));
    HEQI_TRY(const seal::Seal read, seal::parse_seal(octets));
    return put_picture(read.info.picture, {{image, image_size}, width, height});
  });
}

int OES_GetSignImage(unsigned char* sign_value, int sign_value_size, int, unsigned char* image,
                     int* image_size, int* width, int* height) {
  return number([&]() -> Status {
    HEQI_TRY(const Bytes octets, octets_of(sign_value, sign_value_size));
    HEQI_TRY(const auto read, seal::parse_sealed_signature(octets));
    return put_picture(read.seal.info.picture, {{image, image_size}, width, height});
  });
}

int OES_GetSignDateTime(unsigned char* time, int* time_size) {
  return number([&] {
    return put(heqi::program::wall_time(heqi::base::SystemClock().now()), {time, time_size});
  });
}

int OES_GetSignMethod(unsigned char* method, int* method_size) {
  return number([&] { return put(std::string(kSignMethod), {method, method_size}); });
}

int OES_GetDigestMethod(unsigned char* method, int* method_size) {
  return number([&] { return put(std::string(kDigestMethod), {method, method_size}); });
}

unsigned long OES_Digest(unsigned char* data, int data_size, unsigned char* method, int method_size,
                         unsigned char* digest, int* digest_size) {
  return finish_call([&]() -> Status {
    HEQI_TRY(check_method(method, method_size, kDigestMethod, "SM3"));
    HEQI_TRY(const Bytes octets, octets_of(data, data_size));
    return put(heqi::crypto::sm3(octets), {digest, digest_size});
  });
}

unsigned long OES_Sign(unsigned char* seal_id, int seal_id_size, unsigned char* doc_property,
                       int doc_property_size, unsigned char* digest, int digest_size,
                       unsigned char* method, int method_size, unsigned char* time, int time_size,
                       unsigned char* sign_value, int* sign_value_size) {
  return finish_call([&]() -> Status {
    HEQI_TRY(check_method(method, method_size, kSignMethod, "SM2"));
    HEQI_TRY(const Component component, open_component());
    heqi::oes::SealWish wish;
    HEQI_TRY(wish.seal, text_of(seal_id, seal_id_size));
    HEQI_TRY(wish.property, text_of(doc_property, doc_property_size));
    HEQI_TRY(wish.digest, octets_of(digest, digest_size));
    HEQI_TRY(const std::string when, text_of(time, time_size));
    HEQI_TRY(wish.time, heqi::program::parse_wall_time(when));
    HEQI_TRY(const std::size_t enough, component.size_of_sealed(wish));
    if (sign_value_size == nullptr) return fail(Code::malformed, "no place for the answer");
    // What does not fit is not signed: a key may ask its holder each time.
    if (sign_value == nullptr || *sign_value_size < static_cast<int>(enough))
      return put(Bytes(enough), {sign_value, sign_value_size});
    HEQI_TRY(const Bytes sealed, component.seal(wish));
    return put(sealed, {sign_value, sign_value_size});
  });
}

unsigned long OES_Verify(unsigned char* seal_octets, int seal_size, unsigned char* doc_property,
                         int doc_property_size, unsigned char* digest, int digest_size,
                         unsigned char* method, int method_size, unsigned char* time, int time_size,
                         unsigned char* sign_value, int sign_value_size, int) {
  return finish_call([&]() -> Status {
    HEQI_TRY(check_method(method, method_size, kSignMethod, "SM2"));
    HEQI_TRY(const Component component, open_component());
    heqi::oes::SealClaim claim;
    HEQI_TRY(claim.seal, octets_of(seal_octets, seal_size));
    HEQI_TRY(claim.sealed_signature, octets_of(sign_value, sign_value_size));
    HEQI_TRY(claim.digest, octets_of(digest, digest_size));
    HEQI_TRY(claim.property, text_of(doc_property, doc_property_size));
    HEQI_TRY(const std::string when, text_of(time, time_size));
    if (!when.empty()) {
      HEQI_TRY(claim.time, heqi::program::parse_wall_time(when));
    }
    return component.verify(claim);
  });
}

int OES_GetErrMessage(unsigned long code, unsigned char* message, int* message_size) {
  const auto done = put(heqi::oes::explain(code), {message, message_size});
  return done ? OES_OK : 1;
}

}  // extern "C"
