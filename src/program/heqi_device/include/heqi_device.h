/* heqi_device.h: the terminal half of the cryptographic module, for programs in C: a client of the
 * process heqi-device on the same machine. The application gets no key and hands over no key; what
 * it carries between device and servers it cannot read. Link with heqi_device_client.
 *
 * A call returns HEQI_DEVICE_OK, or HEQI_DEVICE_FAILED with the error in *error, where error may be
 * NULL. Texts are UTF-8. A device object is used by one thread at a time. See
 * examples/device_client. */
#ifndef HEQI_DEVICE_H
#define HEQI_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct heqi_device heqi_device; /* one connection */

enum { HEQI_DEVICE_OK = 0, HEQI_DEVICE_FAILED = 1 };

/* id is a dotted id of docs/errors.md ("device.state"), detail is for people. */
typedef struct heqi_device_error {
  char id[64];
  char detail[512];
} heqi_device_error;

/* The eight states of T/ZSA 67.3 17.3. */
typedef enum heqi_device_state {
  HEQI_DEVICE_FACTORY = 1,
  HEQI_DEVICE_SELF_TEST = 2,
  HEQI_DEVICE_INITIALISING = 3,
  HEQI_DEVICE_USER = 4,
  HEQI_DEVICE_APPROVED_SERVICE = 5,
  HEQI_DEVICE_PARAMETER_INPUT = 6,
  HEQI_DEVICE_LOCKED = 7,
  HEQI_DEVICE_ERROR = 8
} heqi_device_state;

typedef struct heqi_device_status {
  char version[64];
  heqi_device_state state;
  int approved_mode; /* 1 or 0 */
  char failure[512]; /* of the last self-test; "" if none */
} heqi_device_status;

typedef enum heqi_device_step_kind {
  HEQI_DEVICE_SEND = 1,       /* carry message to destination; give the answer to deliver */
  HEQI_DEVICE_CHOOSE_PIN = 2, /* ask for a new PIN; give it to choose_pin */
  HEQI_DEVICE_CONFIRM = 3,    /* show what is displayed; then confirm or cancel */
  HEQI_DEVICE_IDLE = 4,       /* nothing waits */
  HEQI_DEVICE_FINISHED = 5,   /* outcome says how */
  HEQI_DEVICE_REFUSED = 6     /* outcome is the id of the error */
} heqi_device_step_kind;

typedef enum heqi_device_destination {
  HEQI_DEVICE_TO_REGISTRATION = 1,
  HEQI_DEVICE_TO_SERVICE = 2,
  HEQI_DEVICE_TO_KEY_CENTRE = 3
} heqi_device_destination;

/* A step belongs to the caller until heqi_device_step_clear. */
typedef struct heqi_device_step {
  heqi_device_step_kind kind;
  heqi_device_destination destination;
  uint8_t* message; /* with HEQI_DEVICE_SEND, and the results of a local key and of a list */
  size_t message_size;
  char outcome[64];
  /* With HEQI_DEVICE_CONFIRM: what the person is to see. */
  char *transaction_id, *title, *application, *content_type;
  char code[8];
  uint64_t size; /* octets of the document */
  uint8_t digest[32];
  int tries_left; /* after a wrong PIN; -1 otherwise */
} heqi_device_step;

int heqi_device_connect(const char* socket_path, heqi_device** out, heqi_device_error* error);
void heqi_device_close(heqi_device* device);
void heqi_device_step_clear(heqi_device_step* step);

int heqi_device_get_status(heqi_device* device, heqi_device_status* out, heqi_device_error* error);
int heqi_device_self_test(heqi_device* device, heqi_device_status* out, heqi_device_error* error);
int heqi_device_initialise(heqi_device* device, heqi_device_error* error);
int heqi_device_enrol(heqi_device* device, const char* code, heqi_device_step* out,
                      heqi_device_error* error);
int heqi_device_poll(heqi_device* device, heqi_device_step* out, heqi_device_error* error);
int heqi_device_deliver(heqi_device* device, const uint8_t* answer, size_t size,
                        heqi_device_step* out, heqi_device_error* error);
/* digits is wiped before the call returns. */
int heqi_device_choose_pin(heqi_device* device, char* digits, size_t count, heqi_device_step* out,
                           heqi_device_error* error);
/* confirm signs what shown displays, and nothing else; digits is wiped. */
int heqi_device_confirm(heqi_device* device, const heqi_device_step* shown, char* digits,
                        size_t count, heqi_device_step* out, heqi_device_error* error);
int heqi_device_cancel(heqi_device* device, const heqi_device_step* shown, heqi_device_step* out,
                       heqi_device_error* error);
/* data gives the document that is displayed; free it with heqi_device_free. */
int heqi_device_data(heqi_device* device, const heqi_device_step* shown, uint8_t** out,
                     size_t* size, heqi_device_error* error);
void heqi_device_free(void* memory);
/* collect is poll for who shows lists: where several documents wait, the step to confirm has the
 * transaction_id HEQI_DEVICE_LIST and as title how many they are. Show each of them; confirm with
 * the list's step then signs them all with one PIN, and nothing else; cancel refuses all. */
#define HEQI_DEVICE_LIST "list"
int heqi_device_collect(heqi_device* device, heqi_device_step* out, heqi_device_error* error);
/* listed gives a step to confirm for each document of the list, for showing and for data; free them
 * with heqi_device_listed_free. */
int heqi_device_listed(heqi_device* device, const heqi_device_step* shown, heqi_device_step** out,
                       size_t* count, heqi_device_error* error);
void heqi_device_listed_free(heqi_device_step* items, size_t count);
/* leave_out takes one document from the list; it goes on waiting. out is the rest, another list. */
int heqi_device_leave_out(heqi_device* device, const char* transaction_id, heqi_device_step* out,
                          heqi_device_error* error);
/* result_of reads from the last step of a list ("signed", "signed_in_part") what became of one
 * document: "signed", or the id of the error. not_found where it was not in the list. */
int heqi_device_result_of(const heqi_device_step* finished, const char* transaction_id,
                          char result[64], heqi_device_error* error);
int heqi_device_change_pin(heqi_device* device, heqi_device_step* out, heqi_device_error* error);
int heqi_device_refresh_shares(heqi_device* device, heqi_device_step* out,
                               heqi_device_error* error);
/* Keys that this device keeps whole, and services with others' public keys. The call gives a step
 * that asks for the PIN; the step that is finished then has the result as its message: a public key
 * (65 octets: 04, x, y), an SM2Signature, a plain text, an SM2Cipher, or nothing. data is a message
 * to sign or an SM2Cipher; the other arguments have calls of their own. */
typedef enum heqi_device_local_service {
  HEQI_DEVICE_LOCAL_GENERATE = 1,
  HEQI_DEVICE_LOCAL_SIGN = 2,
  HEQI_DEVICE_LOCAL_DECRYPT = 3,
  HEQI_DEVICE_LOCAL_DESTROY = 4
} heqi_device_local_service;
int heqi_device_local_key(heqi_device* device, heqi_device_local_service service, const char* name,
                          const uint8_t* data, size_t size, heqi_device_step* out,
                          heqi_device_error* error);
/* verify finishes where the signature is that of public_key, else fails: invalid_signature. */
int heqi_device_verify(heqi_device* device, const uint8_t* public_key, const uint8_t* message,
                       size_t size, const uint8_t* signature, size_t signature_size,
                       heqi_device_step* out, heqi_device_error* error);
int heqi_device_encrypt(heqi_device* device, const uint8_t* public_key, const uint8_t* plain,
                        size_t size, heqi_device_step* out, heqi_device_error* error);
/* Key agreement (GB/T 32918.3) with a local key. begin_agreement gives R_A, to be sent; agree
 * answers one: R_B (65 octets), S_B (32), the S_A that is to come (32), the key; finish_agreement
 * takes R_B: S_A (32 octets), the key. */
typedef struct heqi_device_agreement {
  const uint8_t* public_key; /* of the other side, 65 octets */
  const uint8_t* share;      /* R of the other side, 65 octets */
  const char *own_id, *peer_id;
  size_t key_size;
  const uint8_t* confirmation; /* S_B, 32 octets, checked by finish_agreement; may be NULL */
} heqi_device_agreement;
int heqi_device_begin_agreement(heqi_device* device, const char* name, heqi_device_step* out,
                                heqi_device_error* error);
int heqi_device_agree(heqi_device* device, const char* name, const heqi_device_agreement* agreement,
                      heqi_device_step* out, heqi_device_error* error);
int heqi_device_finish_agreement(heqi_device* device, const char* name,
                                 const heqi_device_agreement* agreement, heqi_device_step* out,
                                 heqi_device_error* error);
/* public_key gets 65 octets: 04, x, y. */
int heqi_device_local_public_key(heqi_device* device, const char* name, uint8_t* public_key,
                                 heqi_device_error* error);
int heqi_device_unbind(heqi_device* device, heqi_device_step* out, heqi_device_error* error);
int heqi_device_destroy(heqi_device* device, heqi_device_error* error); /* for ever */

#ifdef __cplusplus
}
#endif
#endif
