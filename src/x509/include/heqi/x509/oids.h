// heqi/x509/oids.h: the object identifiers that certificates, messages and their parsers name.
// Each function returns a constant that is made at the first call, so that no order of static
// initialisation matters.
#pragma once
#include <heqi/asn1/oid.h>

namespace heqi::x509::oids {

// algorithms: SM
const asn1::Oid&
sm2_curve();  // 1.2.156.10197.1.301; sm2p256v1; some write it as the key's algorithm too
const asn1::Oid&
sm2_sign();  // 1.2.156.10197.1.301.1; sm2sign: signature algorithm in GM/T 0010 messages
const asn1::Oid& sm2_exchange();  // 1.2.156.10197.1.301.2
const asn1::Oid& sm2_encrypt();   // 1.2.156.10197.1.301.3
const asn1::Oid& sm3();           // 1.2.156.10197.1.401
const asn1::Oid& hmac_sm3();      // 1.2.156.10197.1.401.2
const asn1::Oid& sm2_with_sm3();  // 1.2.156.10197.1.501
const asn1::Oid& rsa_with_sm3();  // 1.2.156.10197.1.504
const asn1::Oid& sm4_ecb();       // 1.2.156.10197.1.104.1
const asn1::Oid& sm4_cbc();       // 1.2.156.10197.1.104.2
const asn1::Oid& sm4_ctr();       // 1.2.156.10197.1.104.7
const asn1::Oid& sm4_gcm();       // 1.2.156.10197.1.104.8

// algorithms: international
const asn1::Oid& ec_public_key();      // 1.2.840.10045.2.1
const asn1::Oid& p256();               // 1.2.840.10045.3.1.7
const asn1::Oid& p384();               // 1.3.132.0.34
const asn1::Oid& p521();               // 1.3.132.0.35
const asn1::Oid& ecdsa_with_sha256();  // 1.2.840.10045.4.3.2
const asn1::Oid& ecdsa_with_sha384();  // 1.2.840.10045.4.3.3
const asn1::Oid& ecdsa_with_sha512();  // 1.2.840.10045.4.3.4
const asn1::Oid& rsa_encryption();     // 1.2.840.113549.1.1.1
const asn1::Oid& mgf1();               // 1.2.840.113549.1.1.8
const asn1::Oid& rsa_pss();            // 1.2.840.113549.1.1.10
const asn1::Oid& rsa_with_sha1();      // 1.2.840.113549.1.1.5
const asn1::Oid& rsa_with_sha256();    // 1.2.840.113549.1.1.11
const asn1::Oid& rsa_with_sha384();    // 1.2.840.113549.1.1.12
const asn1::Oid& rsa_with_sha512();    // 1.2.840.113549.1.1.13
const asn1::Oid& sha1();               // 1.3.14.3.2.26
const asn1::Oid& sha256();             // 2.16.840.1.101.3.4.2.1
const asn1::Oid& sha384();             // 2.16.840.1.101.3.4.2.2
const asn1::Oid& sha512();             // 2.16.840.1.101.3.4.2.3

// attribute types of names
const asn1::Oid& common_name();              // 2.5.4.3
const asn1::Oid& surname();                  // 2.5.4.4
const asn1::Oid& serial_number();            // 2.5.4.5
const asn1::Oid& country();                  // 2.5.4.6
const asn1::Oid& locality();                 // 2.5.4.7
const asn1::Oid& state_or_province();        // 2.5.4.8
const asn1::Oid& street_address();           // 2.5.4.9
const asn1::Oid& organization();             // 2.5.4.10
const asn1::Oid& organizational_unit();      // 2.5.4.11
const asn1::Oid& title();                    // 2.5.4.12
const asn1::Oid& given_name();               // 2.5.4.42
const asn1::Oid& organization_identifier();  // 2.5.4.97
const asn1::Oid& domain_component();         // 0.9.2342.19200300.100.1.25
const asn1::Oid& user_id();                  // 0.9.2342.19200300.100.1.1
const asn1::Oid& email_address();            // 1.2.840.113549.1.9.1

// certificate extensions
const asn1::Oid& subject_key_identifier();        // 2.5.29.14
const asn1::Oid& key_usage();                     // 2.5.29.15
const asn1::Oid& subject_alternative_name();      // 2.5.29.17
const asn1::Oid& issuer_alternative_name();       // 2.5.29.18
const asn1::Oid& basic_constraints();             // 2.5.29.19
const asn1::Oid& crl_number();                    // 2.5.29.20
const asn1::Oid& crl_reason();                    // 2.5.29.21
const asn1::Oid& invalidity_date();               // 2.5.29.24
const asn1::Oid& delta_crl_indicator();           // 2.5.29.27
const asn1::Oid& issuing_distribution_point();    // 2.5.29.28
const asn1::Oid& certificate_issuer();            // 2.5.29.29
const asn1::Oid& name_constraints();              // 2.5.29.30
const asn1::Oid& crl_distribution_points();       // 2.5.29.31
const asn1::Oid& certificate_policies();          // 2.5.29.32
const asn1::Oid& any_policy();                    // 2.5.29.32.0
const asn1::Oid& policy_mappings();               // 2.5.29.33
const asn1::Oid& authority_key_identifier();      // 2.5.29.35
const asn1::Oid& policy_constraints();            // 2.5.29.36
const asn1::Oid& extended_key_usage();            // 2.5.29.37
const asn1::Oid& any_extended_key_usage();        // 2.5.29.37.0
const asn1::Oid& freshest_crl();                  // 2.5.29.46
const asn1::Oid& inhibit_any_policy();            // 2.5.29.54
const asn1::Oid& authority_information_access();  // 1.3.6.1.5.5.7.1.1
const asn1::Oid& subject_information_access();    // 1.3.6.1.5.5.7.1.11
const asn1::Oid& access_ocsp();                   // 1.3.6.1.5.5.7.48.1
const asn1::Oid& access_ca_issuers();             // 1.3.6.1.5.5.7.48.2
const asn1::Oid& policy_cps();                    // 1.3.6.1.5.5.7.2.1

// key purposes
const asn1::Oid& purpose_server_auth();       // 1.3.6.1.5.5.7.3.1
const asn1::Oid& purpose_client_auth();       // 1.3.6.1.5.5.7.3.2
const asn1::Oid& purpose_code_signing();      // 1.3.6.1.5.5.7.3.3
const asn1::Oid& purpose_email_protection();  // 1.3.6.1.5.5.7.3.4
const asn1::Oid& purpose_time_stamping();     // 1.3.6.1.5.5.7.3.8
const asn1::Oid& purpose_ocsp_signing();      // 1.3.6.1.5.5.7.3.9
const asn1::Oid& purpose_document_signing();  // 1.3.6.1.5.5.7.3.36; RFC 9336

// Chinese identity extensions (GB/T 20518, GM/T 0015)
const asn1::Oid& identity_code();                   // 1.2.156.10260.4.1.1
const asn1::Oid& identity_resident_id();            // 1.2.156.10260.4.1.1.1
const asn1::Oid& identity_passport();               // 1.2.156.10260.4.1.1.2
const asn1::Oid& identity_social_insurance();       // 1.2.156.10260.4.1.2
const asn1::Oid& identity_business_registration();  // 1.2.156.10260.4.1.3
const asn1::Oid& identity_organization_code();      // 1.2.156.10260.4.1.4
const asn1::Oid& identity_taxation();               // 1.2.156.10260.4.1.5

// PKCS#10 and PKCS#9 attributes
const asn1::Oid& extension_request();             // 1.2.840.113549.1.9.14
const asn1::Oid& challenge_password();            // 1.2.840.113549.1.9.7
const asn1::Oid& content_type();                  // 1.2.840.113549.1.9.3
const asn1::Oid& message_digest();                // 1.2.840.113549.1.9.4
const asn1::Oid& signing_time();                  // 1.2.840.113549.1.9.5
const asn1::Oid& signing_certificate();           // 1.2.840.113549.1.9.16.2.12
const asn1::Oid& signing_certificate_v2();        // 1.2.840.113549.1.9.16.2.47
const asn1::Oid& signature_time_stamp_token();    // 1.2.840.113549.1.9.16.2.14
const asn1::Oid& cms_algorithm_protection();      // 1.2.840.113549.1.9.52
const asn1::Oid& adobe_revocation_information();  // 1.2.840.113583.1.1.8

// content types
const asn1::Oid& cms_data();                      // 1.2.840.113549.1.7.1
const asn1::Oid& cms_signed_data();               // 1.2.840.113549.1.7.2
const asn1::Oid& cms_enveloped_data();            // 1.2.840.113549.1.7.3
const asn1::Oid& gm_data();                       // 1.2.156.10197.6.1.4.2.1
const asn1::Oid& gm_signed_data();                // 1.2.156.10197.6.1.4.2.2
const asn1::Oid& gm_enveloped_data();             // 1.2.156.10197.6.1.4.2.3
const asn1::Oid& gm_signed_and_enveloped_data();  // 1.2.156.10197.6.1.4.2.4
const asn1::Oid& gm_encrypted_data();             // 1.2.156.10197.6.1.4.2.5
const asn1::Oid& gm_key_agreement_info();         // 1.2.156.10197.6.1.4.2.6
const asn1::Oid& tst_info();                      // 1.2.840.113549.1.9.16.1.4; RFC 3161

// OCSP
const asn1::Oid& ocsp_basic();           // 1.3.6.1.5.5.7.48.1.1
const asn1::Oid& ocsp_nonce();           // 1.3.6.1.5.5.7.48.1.2
const asn1::Oid& ocsp_no_check();        // 1.3.6.1.5.5.7.48.1.5
const asn1::Oid& ocsp_archive_cutoff();  // 1.3.6.1.5.5.7.48.1.6

}  // namespace heqi::x509::oids
