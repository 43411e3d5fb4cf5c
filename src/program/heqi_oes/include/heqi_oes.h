/* heqi_oes.h: the seal component of Heqi for readers of OFD files: the functions of the OES
 * interface, version 2.0, which a reader finds by their names in the library that it loads. Where
 * they are described, and what is chosen here: ../README.md.
 *
 * All text is UTF-8. An answer goes to a buffer of the caller: where it is NULL its length alone is
 * told; where it is too short, its length is told and the function fails. 0 is success; every other
 * number is explained by OES_GetErrMessage. Any thread may call. */
#ifndef HEQI_OES_H
#define HEQI_OES_H

#ifdef __cplusplus
extern "C" {
#endif

#define OES_OK 0
#define OES_CANCEL 0x10 /* the person refused */

#define OES_EXPORT __attribute__((visibility("default")))

/* What this component is: name, company, version of the interface ("2.0"), version of the program.
 */
OES_EXPORT int OES_GetProviderInfo(unsigned char* name, int* name_size, unsigned char* company,
                                   int* company_size, unsigned char* version, int* version_size,
                                   unsigned char* extend, int* extend_size);

/* The seals at hand: ID, NUL, name, NUL of each, and one more NUL. */
OES_EXPORT int OES_GetSealList(unsigned char* list, int* list_size);

/* A seal (SESeal of GB/T 38540, DER) by its ID or its name. */
OES_EXPORT int OES_GetSeal(unsigned char* seal_id, int seal_id_size, unsigned char* seal,
                           int* seal_size);

/* What stands in a seal. An answer whose length pointer is NULL is left out. Dates: yyyy-MM-dd. */
OES_EXPORT int OES_GetSealInfo(
    unsigned char* seal, int seal_size, unsigned char* seal_id, int* seal_id_size,
    unsigned char* version, int* version_size, unsigned char* vendor_id, int* vendor_id_size,
    unsigned char* seal_type, int* seal_type_size, unsigned char* seal_name, int* seal_name_size,
    unsigned char* signers, int* signers_size, unsigned char* valid_from, int* valid_from_size,
    unsigned char* valid_until, int* valid_until_size, unsigned char* made_on, int* made_on_size,
    unsigned char* maker, int* maker_size, unsigned char* sign_method, int* sign_method_size);

/* The picture of a seal, or of a sealed signature, with its size in millimetres. render_flag: 0
 * display, 1 print, 2 preview; the picture is the same. */
OES_EXPORT int OES_GetSealImage(unsigned char* seal, int seal_size, int render_flag,
                                unsigned char* image, int* image_size, int* width, int* height);
OES_EXPORT int OES_GetSignImage(unsigned char* sign_value, int sign_value_size, int render_flag,
                                unsigned char* image, int* image_size, int* width, int* height);

/* What goes into Signature.xml: the time (yyyy-MM-dd hh:mm:ss, China standard time), and the
 * identifiers of SM2 with SM3 and of SM3. */
OES_EXPORT int OES_GetSignDateTime(unsigned char* time, int* time_size);
OES_EXPORT int OES_GetSignMethod(unsigned char* method, int* method_size);
OES_EXPORT int OES_GetDigestMethod(unsigned char* method, int* method_size);

/* SM3 of data. */
OES_EXPORT unsigned long OES_Digest(unsigned char* data, int data_size, unsigned char* method,
                                    int method_size, unsigned char* digest, int* digest_size);

/* Seals: doc_property is the path of Signature.xml in the package, digest its SM3. The answer is
 * SES_Signature of GB/T 38540 (DER). With sign_value NULL nothing is signed; the length told is
 * enough. */
OES_EXPORT unsigned long OES_Sign(unsigned char* seal_id, int seal_id_size,
                                  unsigned char* doc_property, int doc_property_size,
                                  unsigned char* digest, int digest_size, unsigned char* method,
                                  int method_size, unsigned char* time, int time_size,
                                  unsigned char* sign_value, int* sign_value_size);

/* Verifies a sealed signature; needs no key. seal, doc_property, method and time may be empty;
 * where they are given they must agree with what was signed. Success says that every step of
 * verification passed, revocation included where a certificate says how it is told; nothing is
 * fetched, online or not: lists lie in the folder that the configuration names. */
OES_EXPORT unsigned long OES_Verify(unsigned char* seal, int seal_size, unsigned char* doc_property,
                                    int doc_property_size, unsigned char* digest, int digest_size,
                                    unsigned char* method, int method_size, unsigned char* time,
                                    int time_size, unsigned char* sign_value, int sign_value_size,
                                    int online);

/* The words for a number that one of the others gave to this thread. */
OES_EXPORT int OES_GetErrMessage(unsigned long code, unsigned char* message, int* message_size);

#ifdef __cplusplus
}
#endif

#endif
