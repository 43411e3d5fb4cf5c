#include <heqi/base/random.h>

#include <heqi/base/secret.h>

#if defined(__linux__)
#include <sys/random.h>
#endif

namespace heqi::base {

Status SystemRandom::fill(MutableByteView out) {
#if defined(__linux__)
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got <= 0) {
      secure_wipe(out.data(), out.size());
      return fail(Code::crypto_random_failed, "getrandom");
    }
    done += static_cast<std::size_t>(got);
  }
  return {};
#else
  secure_wipe(out.data(), out.size());
  return fail(Code::crypto_random_failed, "this host gives its own Random");
#endif
}

Result<Bytes> random_bytes(Random& random, std::size_t size) {
  Bytes out(size);
  HEQI_TRY(random.fill(out));
  return out;
}

}  // namespace heqi::base
