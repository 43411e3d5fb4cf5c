// hidden_tls_key.h: the keys of TLS connections, looked for in the memory of processes.
#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <filesystem>
#include <sstream>

#include "hidden_secret.h"

namespace heqi::program {

// forms_of_tls_key are the private numbers as they are written and as OpenSSL computes with them,
// and the lines of the text that the file is.
inline std::vector<base::Bytes> forms_of_tls_key(const std::string& path) {
  const base::Bytes text = *base::read_file(path, std::size_t{1} << 16);
  std::vector<base::Bytes> out;
  std::istringstream lines{std::string(base::text_of(text))};
  for (std::string line; std::getline(lines, line);)
    if (line.size() > 40 && line[0] != '-') out.push_back(base::to_bytes(base::bytes_of(line)));
  BIO* const bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  for (const char* name : {OSSL_PKEY_PARAM_PRIV_KEY, OSSL_PKEY_PARAM_RSA_FACTOR1,
                           OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) continue;
    base::Bytes plain(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, plain.data());
    out.emplace_back(plain.rbegin(), plain.rend());
    out.push_back(std::move(plain));
    BN_clear_free(number);
  }
  EVP_PKEY_free(key);
  BIO_free(bio);
  return out;
}

inline Hidden hide_tls_key(const std::string& path) {
  return hide([&] { return forms_of_tls_key(path); });
}

// processes_of_keys are those that any thread of a process has started.
inline std::vector<pid_t> processes_of_keys(const std::string& process) {
  std::vector<pid_t> out;
  std::error_code gone;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + process + "/task", gone)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t one = 0; children >> one;) {
      std::ifstream file("/proc/" + std::to_string(one) + "/cmdline");
      const std::string line((std::istreambuf_iterator<char>(file)), {});
      if (line.ends_with(std::string("worker\0key\0", 11))) out.push_back(one);
    }
  }
  return out;
}

}  // namespace heqi::program
