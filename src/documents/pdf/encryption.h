// encryption.h: the standard security handler (ISO 32000-2 §7.6) with an empty user password: what
// everybody may open. RC4 and AES-128 (revisions 2 to 4), AES-256 (revisions 5 and 6). Private to
// the reader and the writer.
#pragma once
#include <heqi/documents/pdf/object.h>

namespace heqi::documents::pdf {

class Encryption {
 public:
  // open reads the /Encrypt dictionary and tries the empty password; identifier is the first half
  // of /ID. Fails with document_encrypted where a password is needed or the handler is another one,
  // malformed where the dictionary contradicts itself.
  static base::Result<Encryption> open(const Dictionary& encrypt, base::ByteView identifier);

  // allows_signing tells whether /P lets a user fill in forms (§7.6.4.2, bits 4, 6 and 9).
  bool allows_signing() const { return (permissions_ & (1 << 3 | 1 << 5 | 1 << 8)) != 0; }

  // decrypted and encrypted are value, which stands in object id, with every string in it opened or
  // closed; the /Contents of a signature stays (§7.6.2).
  base::Result<Value> decrypted(const Value& value, Reference id) const;
  Value encrypted(const Value& value, Reference id) const;
  // decrypt_stream and encrypt_stream take the data of the stream that is object id.
  base::Result<base::Bytes> decrypt_stream(const Dictionary& dictionary, Reference id,
                                           base::ByteView data) const;
  base::Bytes encrypt_stream(const Dictionary& dictionary, Reference id, base::ByteView data) const;

 private:
  enum class Method : std::uint8_t { none, rc4, aes128, aes256 };
  base::Status read_filters(const Dictionary& encrypt, std::int64_t version);
  static base::Result<Method> method_of(const Dictionary& encrypt, std::string_view key);
  base::Status derive_key(const Dictionary& encrypt, std::int64_t revision,
                          base::ByteView identifier);
  base::Status derive_long_key(const Dictionary& encrypt, std::int64_t revision);
  Method method_for(const Dictionary& stream) const;
  base::Bytes key_for(Method method, Reference id) const;
  base::Result<base::Bytes> decrypt(Method method, Reference id, base::ByteView data) const;
  base::Bytes encrypt(Method method, Reference id, base::ByteView data) const;

  Method strings_ = Method::rc4, streams_ = Method::rc4;
  bool metadata_ = true;  // whether metadata streams are encrypted too
  std::int32_t permissions_ = 0;
  base::Bytes key_;
};

}  // namespace heqi::documents::pdf
