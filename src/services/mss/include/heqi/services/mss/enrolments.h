// heqi/services/mss/enrolments.h: authorisation codes (GB/T 38646 §6.2.2): single use, expiring,
// counted, bound to a person; and the registration of the device that shows one.
#pragma once
#include <functional>

#include <heqi/device/enrolment.h>
#include <heqi/services/mss/directory.h>
#include <heqi/services/mss/ports.h>

namespace heqi::services::mss {

inline constexpr base::Duration kEnrolmentLifetime = std::chrono::hours(24);
inline constexpr int kEnrolmentTriesMax = 5;  // wrong tries until a code is void; docs/limits.md

// CodeVoided tells the person whose code too many wrong tries made void; part of the transaction
// that does so.
using CodeVoided = std::function<base::Status(sql::Transaction& tx, const std::string& person_id,
                                              const std::string& code_id)>;

class Enrolments {
 public:
  // service_key is the public half of the service's channel key (04 || X || Y).
  Enrolments(sql::Database& database, Directory& directory, KeyCentre& key_centre, People& people,
             CertificateAuthority& authority, base::Bytes service_key, const base::Clock& clock,
             base::Random& random, base::Log& log);

  // on_void sets who is called when a code becomes void; before the first enrolment.
  void on_void(CodeVoided told) { told_ = std::move(told); }

  // issue_code makes a code for a verified person; earlier codes of the person become void. Only
  // its id is returned: the text is not kept anywhere, it is asked for when the notice is written.
  struct IssuedCode {
    std::string id;
    base::Time expires_at;
  };
  base::Result<IssuedCode> issue_code(sql::Transaction& tx, const std::string& person_id);
  // text_of is the code for its notice. Fails with not_found, expired (also where it is used or
  // void).
  base::Result<std::string> text_of(const std::string& code_id);

  // enrol answers a device's Register with Registered. Fails with unauthenticated (wrong code,
  // counted; unknown, used, expired or void ones look the same), conflict.
  base::Result<base::Bytes> enrol(base::ByteView register_der);

 private:
  struct Stored;
  base::Result<std::string> make_text(const std::string& code_id);
  base::Result<std::optional<Stored>> find(const std::string& reference);
  base::Status count_wrong_try(const Stored& stored);
  base::Result<base::Bytes> register_device(const Stored& stored, const device::Register& message,
                                            const device::EnrolmentKey& key,
                                            base::ByteView register_der);

  sql::Database& database_;
  Directory& directory_;
  KeyCentre& key_centre_;
  People& people_;
  CertificateAuthority& authority_;
  base::Bytes service_key_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  CodeVoided told_;
};

// device_id_of is the id of a device: the hexadecimal text of its service channel's id.
std::string device_id_of(const device::ChannelId& service_channel);

}  // namespace heqi::services::mss
