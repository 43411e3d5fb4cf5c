#include "openssl_tools.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <heqi/testing/seeded.h>

namespace heqi::bench {
namespace {

constexpr int kRuns = 20;

bool run(const std::string& command) {
  return std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()) == 0;
}

double children_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

// rate gives how often a second of processor time holds command, which is one program start.
double rate(const std::string& command) {
  if (!run(command)) return 0;
  const double before = children_seconds();
  for (int i = 0; i < kRuns; ++i)
    if (!run(command)) return 0;
  return kRuns / (children_seconds() - before);
}

// make_authority makes an ECDSA CA, a certificate and its OCSP question.
bool make_authority(const std::string& folder) {
  std::ofstream(folder + "/ts.cnf")
      << "[tsa]\ndefault_tsa = t\n[t]\ndir = " << folder << "\nserial = " << folder
      << "/serial\nsigner_digest = sha256\n"
         "default_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1\nordering = yes\n"
         "tsa_name = no\ness_cert_id_alg = sha256\n";
  std::ofstream(folder + "/index.txt") << "V\t401121000000Z\t\t02\tunknown\t/CN=holder\n";
  const std::string key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  return run("cd " + folder + " && openssl req -x509 " + key +
             "-keyout ca.key -out ca.pem -subj /CN=ca && openssl req " + key +
             "-keyout h.key -out h.csr -subj /CN=holder && openssl x509 -req -in h.csr -CA ca.pem "
             "-CAkey ca.key -set_serial 2 -out h.pem && openssl req -x509 " +
             key +
             "-keyout tsa.key -out tsa.pem -subj /CN=tsa -addext "
             "extendedKeyUsage=critical,timeStamping && openssl ocsp -issuer ca.pem -cert h.pem "
             "-no_nonce -reqout ocsp.req && openssl ts -query -data ca.pem -sha256 -no_nonce -out "
             "ts.req && echo 01 > serial");
}

}  // namespace

double openssl_ocsp_figure() {
  const testing::TemporaryFolder folder;
  if (!make_authority(folder.path())) return 0;
  return rate("cd " + folder.path() +
              " && openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin "
              "ocsp.req -respout ocsp.resp");
}

double openssl_ts_figure() {
  const testing::TemporaryFolder folder;
  if (!make_authority(folder.path())) return 0;
  return rate("cd " + folder.path() +
              " && openssl ts -reply -config ts.cnf -section t -queryfile ts.req -signer tsa.pem "
              "-inkey tsa.key -out ts.resp");
}

}  // namespace heqi::bench
