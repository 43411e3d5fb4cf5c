// heqi/pki/algorithms.h: what verification may compute with is injected, so that this layer needs
// no third-party code: SM2 and SM3 always, RSA, ECDSA and SHA-2 where the ossl layer is linked.
#pragma once
#include <functional>

#include <heqi/asn1/oid.h>
#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/x509/signature_verifier.h>

namespace heqi::pki {

// Digester computes the hash that an object identifier names.
class Digester {
 public:
  virtual ~Digester() = default;
  // digest fails with unsupported for an algorithm that it does not know.
  virtual base::Result<base::Bytes> digest(const asn1::Oid& algorithm,
                                           base::ByteView data) const = 0;
};

// Sm3Digester knows SM3 (1.2.156.10197.1.401) only.
class Sm3Digester final : public Digester {
 public:
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override;
};

// FunctionDigester asks a function: FunctionDigester(ossl::digest).
class FunctionDigester final : public Digester {
 public:
  using Function = std::function<base::Result<base::Bytes>(const asn1::Oid&, base::ByteView)>;
  explicit FunctionDigester(Function function) : function_(std::move(function)) {}
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return function_(algorithm, data);
  }

 private:
  Function function_;
};

// Algorithms is what one verification computes with; both live at least as long as the call.
struct Algorithms {
  const x509::SignatureVerifier& signatures;
  const Digester& digests;
};

}  // namespace heqi::pki
