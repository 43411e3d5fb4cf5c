// heqi/services/ra/kept_issuer.h: what another organisation's authority certified is kept here.
#pragma once
#include <heqi/services/ra/desk.h>

namespace heqi::services::ra {

// KeptIssuer makes an issuer whose register is elsewhere one of the port: the same application and
// request get the same certificate, and the other authority is asked once.
class KeptIssuer final : public Issuer {
 public:
  // authority names the other one; what is passed outlives this.
  KeptIssuer(std::string authority, Issuer& other, sql::Database& database,
             const base::Clock& clock)
      : authority_(std::move(authority)), other_(other), database_(database), clock_(clock) {}
  // issue fails with conflict where the application was certified for another request, and as the
  // other authority does.
  base::Result<base::Bytes> issue(const Application& application, base::ByteView csr) override;

 private:
  std::string authority_;
  Issuer& other_;
  sql::Database& database_;
  const base::Clock& clock_;
};

}  // namespace heqi::services::ra
