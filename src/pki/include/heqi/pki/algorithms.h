// heqi/pki/algorithms.h: what verification may compute with is injected, so that this layer needs
// no third-party code: SM2 and SM3 always, RSA, ECDSA and SHA-2 where the ossl layer is linked.
#pragma once
#include <functional>

#include <heqi/asn1/oid.h>
#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/pki/content.h>
#include <heqi/x509/signature_verifier.h>

namespace heqi::pki {

// Digester computes the hash that an object identifier names.
class Digester {
 public:
  virtual ~Digester() = default;
  // digest fails with unsupported for an algorithm that it does not know.
  virtual base::Result<base::Bytes> digest(const asn1::Oid& algorithm,
                                           base::ByteView data) const = 0;
  // digest_of hashes content part by part; a Digester that does not say how joins it first.
  virtual base::Result<base::Bytes> digest_of(const asn1::Oid& algorithm,
                                              const Content& content) const;
};

// Sm3Digester knows SM3 (1.2.156.10197.1.401) only.
class Sm3Digester final : public Digester {
 public:
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override;
  base::Result<base::Bytes> digest_of(const asn1::Oid& algorithm,
                                      const Content& content) const override;
};

// FunctionDigester asks functions: FunctionDigester(ossl::digest, ossl::digest_parts).
class FunctionDigester final : public Digester {
 public:
  using Function = std::function<base::Result<base::Bytes>(const asn1::Oid&, base::ByteView)>;
  using PartsFunction =
      std::function<base::Result<base::Bytes>(const asn1::Oid&, std::span<const base::ByteView>)>;
  explicit FunctionDigester(Function function, PartsFunction of_parts = {})
      : function_(std::move(function)), of_parts_(std::move(of_parts)) {}
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return function_(algorithm, data);
  }
  base::Result<base::Bytes> digest_of(const asn1::Oid& algorithm,
                                      const Content& content) const override {
    return of_parts_ ? of_parts_(algorithm, content.parts())
                     : Digester::digest_of(algorithm, content);
  }

 private:
  Function function_;
  PartsFunction of_parts_;
};

// Algorithms is what one verification computes with; both live at least as long as the call.
struct Algorithms {
  const x509::SignatureVerifier& signatures;
  const Digester& digests;
};

}  // namespace heqi::pki
