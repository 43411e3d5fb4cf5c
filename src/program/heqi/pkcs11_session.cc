#include "pkcs11_session.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kSignatureSizeMax = 1024;

// refused names a function of the library and what it returned.
base::Error refused(std::string_view function, CK_RV value) {
  Code code = Code::unavailable;
  if (value == CKR_PIN_INCORRECT || value == CKR_PIN_LOCKED || value == CKR_PIN_LEN_RANGE ||
      value == CKR_PIN_EXPIRED)
    code = Code::denied;
  if (value == CKR_TOKEN_NOT_PRESENT) code = Code::not_found;
  char number[32];
  std::snprintf(number, sizeof number, "0x%08lx", static_cast<unsigned long>(value));
  return fail(code, "the token's " + std::string(function) + " returned " + number);
}

// text_of_field is a padded field of PKCS#11 without its blanks.
template <std::size_t size>
std::string text_of_field(const CK_UTF8CHAR (&field)[size]) {
  std::string out(reinterpret_cast<const char*>(field), size);
  while (!out.empty() && (out.back() == ' ' || out.back() == '\0')) out.pop_back();
  return out;
}

CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t size) {
  return {type, const_cast<void*>(value), static_cast<unsigned long>(size)};
}

}  // namespace

Result<std::unique_ptr<Pkcs11Session>> Pkcs11Session::open(const Pkcs11Uri& uri,
                                                           const base::SecretBytes& pin) {
  std::unique_ptr<Pkcs11Session> out(new Pkcs11Session);
  HEQI_TRY(out->load(uri.module_path));
  HEQI_TRY(const CK_SLOT_ID slot, out->find_token(uri));
  HEQI_TRY(out->sign_in(slot, pin));
  return out;
}

Pkcs11Session::~Pkcs11Session() {
  if (session_ != CK_INVALID_HANDLE) {
    functions_->C_Logout(session_);
    functions_->C_CloseSession(session_);
  }
  if (functions_ != nullptr) functions_->C_Finalize(nullptr);
  if (library_ != nullptr) ::dlclose(library_);
}

Status Pkcs11Session::load(const std::string& path) {
  library_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) return fail(Code::not_found, path + ": no library of a token here");
  void* const symbol = ::dlsym(library_, "C_GetFunctionList");
  if (symbol == nullptr) return fail(Code::not_found, path + ": not a PKCS#11 library");
  CK_C_GetFunctionList get = nullptr;
  static_assert(sizeof get == sizeof symbol);
  std::memcpy(&get, &symbol, sizeof get);
  CK_FUNCTION_LIST_PTR functions = nullptr;
  if (const CK_RV got = get(&functions); got != CKR_OK || functions == nullptr)
    return refused("C_GetFunctionList", got);
  if (const CK_RV ready = functions->C_Initialize(nullptr); ready != CKR_OK)
    return refused("C_Initialize", ready);
  functions_ = functions;
  return {};
}

Result<CK_SLOT_ID> Pkcs11Session::find_token(const Pkcs11Uri& uri) {
  unsigned long count = 0;
  CK_RV got = functions_->C_GetSlotList(CK_TRUE, nullptr, &count);
  if (got != CKR_OK) return refused("C_GetSlotList", got);
  std::vector<CK_SLOT_ID> slots(count);
  if (count > 0) got = functions_->C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (got != CKR_OK) return refused("C_GetSlotList", got);
  slots.resize(count);
  std::vector<CK_SLOT_ID> found;
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (functions_->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
    const bool meant = (info.flags & CKF_TOKEN_INITIALIZED) != 0 &&
                       (uri.token.empty() || uri.token == text_of_field(info.label)) &&
                       (uri.serial.empty() || uri.serial == text_of_field(info.serialNumber));
    if (meant) found.push_back(slot);
  }
  if (found.empty()) return fail(Code::not_found, "no token \"" + uri.token + "\" is present");
  if (found.size() > 1) return fail(Code::conflict, "several tokens match; token= or serial=");
  return found[0];
}

Status Pkcs11Session::sign_in(CK_SLOT_ID slot, const base::SecretBytes& pin) {
  CK_RV done = functions_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_);
  if (done != CKR_OK) {
    session_ = CK_INVALID_HANDLE;
    return refused("C_OpenSession", done);
  }
  done = functions_->C_Login(session_, CKU_USER, const_cast<std::uint8_t*>(pin.expose().data()),
                             static_cast<unsigned long>(pin.size()));
  if (done != CKR_OK && done != CKR_USER_ALREADY_LOGGED_IN) return refused("C_Login", done);
  return {};
}

Result<CK_OBJECT_HANDLE> Pkcs11Session::find_key(const Pkcs11Uri& uri) {
  const CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  std::vector<CK_ATTRIBUTE> wanted{attribute(CKA_CLASS, &kind, sizeof kind)};
  if (!uri.object.empty())
    wanted.push_back(attribute(CKA_LABEL, uri.object.data(), uri.object.size()));
  if (uri.id) wanted.push_back(attribute(CKA_ID, uri.id->data(), uri.id->size()));
  CK_RV done = functions_->C_FindObjectsInit(session_, wanted.data(), wanted.size());
  if (done != CKR_OK) return refused("C_FindObjectsInit", done);
  CK_OBJECT_HANDLE found[2] = {};
  unsigned long count = 0;
  done = functions_->C_FindObjects(session_, found, 2, &count);
  functions_->C_FindObjectsFinal(session_);
  if (done != CKR_OK) return refused("C_FindObjects", done);
  if (count == 0) return fail(Code::not_found, "the token holds no such private key");
  if (count > 1) return fail(Code::conflict, "several private keys match; add id=");
  return found[0];
}

Result<base::Bytes> Pkcs11Session::sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism,
                                        base::ByteView data) {
  CK_MECHANISM how{mechanism, nullptr, 0};
  CK_RV done = functions_->C_SignInit(session_, &how, key);
  if (done == CKR_MECHANISM_INVALID)
    return fail(Code::unsupported, "the token does not sign in this way");
  if (done != CKR_OK) return refused("C_SignInit", done);
  base::Bytes out(kSignatureSizeMax);
  auto size = static_cast<unsigned long>(out.size());
  done = functions_->C_Sign(session_, const_cast<std::uint8_t*>(data.data()),
                            static_cast<unsigned long>(data.size()), out.data(), &size);
  if (done != CKR_OK) return refused("C_Sign", done);
  out.resize(size);
  return out;
}

}  // namespace heqi::program
