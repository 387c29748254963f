// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/digest.h"
#include "expr/functions/id_text.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

Result<Value> hex_digest(EvalContext& context, std::string_view algorithm, const Value& text) {
  PENSTOCK_TRY(context.spend(1 + text.size() / 32));
  return context.string(encode_hex(*digest(algorithm, text.text())));
}
Result<Value> sha1sum(EvalContext& context, Arguments args) {
  return hex_digest(context, "sha1", args[0]);
}
Result<Value> sha256sum(EvalContext& context, Arguments args) {
  return hex_digest(context, "sha256", args[0]);
}
Result<Value> adler32sum(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto sum = adler32_z(1, reinterpret_cast<const Bytef*>(args[0].text().data()),
                             args[0].size());
  return context.string(std::to_string(sum));
}
Result<Value> uuidv4(EvalContext& context, Arguments) {
  return context.string(uuid_text(random_bytes(context, 16), 4));
}

/// The text as a key of 32 bytes, filled up with zeros or cut.
std::string aes_key(std::string_view password) {
  std::string key(password.substr(0, 32));
  key.resize(32, '\0');
  return key;
}

Result<Value> encrypt(EvalContext& context, Arguments args) {
  if (args[1].size() == 0) return Value::string("");
  PENSTOCK_TRY(may_make(context, args[1].size() * uint64_t{2} + 64));
  const auto out = encrypt_aes_cbc(aes_key(args[0].text()), secure_random(16), args[1].text());
  if (!out) return eval_error("the text cannot be encrypted");
  return context.string(encode_base64(*out));
}

Result<Value> decrypt(EvalContext& context, Arguments args) {
  if (args[1].size() == 0) return Value::string("");
  PENSTOCK_TRY(may_make(context, args[1].size()));
  const auto bytes = decode_base64(args[1].text(), false, true);
  if (!bytes || bytes->size() < 32 || bytes->size() % 16 != 0) {
    return eval_error("this is nothing that encryptAES made");
  }
  const std::string_view all = *bytes;
  const auto out = decrypt_aes_cbc(aes_key(args[0].text()), all.substr(0, 16), all.substr(16));
  const size_t padding = out && !out->empty() ? static_cast<uint8_t>(out->back()) : 0;
  if (!out || padding > out->size()) return eval_error("the password does not fit");
  return context.string(std::string_view(*out).substr(0, out->size() - padding));
}

struct Template {
  std::string_view type;
  std::vector<std::string_view> forms;
};

const std::vector<Template>& templates() {
  static const std::vector<Template> all = {
      {"maximum", {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"}},
      {"long", {"CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv",
                "CvccCvcvnoCvcv", "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv",
                "CvcvCvccCvcvno", "CvcvnoCvcvCvcc", "CvcvCvcvnoCvcc", "CvcvCvcvCvccno",
                "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno", "CvcvnoCvccCvcc",
                "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
                "CvccCvcvCvccno"}},
      {"medium", {"CvcnoCvc", "CvcCvcno"}},
      {"short", {"Cvcn"}},
      {"basic", {"aaanaaan", "aannaaan", "aaannaaa"}},
      {"pin", {"nnnn"}},
  };
  return all;
}

std::string_view characters_of(char form) {
  switch (form) {
    case 'V': return "AEIOU";
    case 'C': return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v': return "aeiou";
    case 'c': return "bcdfghjklmnpqrstvwxyz";
    case 'A': return "AEIOUBCDFGHJKLMNPQRSTVWXYZ";
    case 'a': return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n': return "0123456789";
    case 'o': return "@&%?,=[]_:-+*$#!'^~;()/.";
    default: return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
  }
}

std::string counted(std::string_view text) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(text.size() >> shift);
  return out + std::string(text);
}

/// The Master Password algorithm, version 0, as sprig has it.
Result<Value> derive_password(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(2'000'000));  // a tenth of a second
  const std::string_view type = args[1].text();
  const auto found = std::find_if(templates().begin(), templates().end(),
                                  [&](const Template& t) { return t.type == type; });
  if (found == templates().end()) {
    return context.string("cannot find password template " + std::string(type));
  }
  const std::string seed = "com.lyndir.masterpassword";
  const auto key = scrypt(args[2].text(), seed + counted(args[3].text()), 32768, 8, 2, 64);
  if (!key) return eval_error("the password cannot be derived");
  std::string message = seed + counted(args[4].text());
  for (int shift = 24; shift >= 0; shift -= 8) {
    message += static_cast<char>(whole(args[0]) >> shift);
  }
  const std::string mac = *hmac("sha256", *key, message);
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(mac[i]); };
  std::string out;
  const std::string_view form = found->forms[byte(0) % found->forms.size()];
  for (size_t i = 0; i < form.size(); ++i) {
    const std::string_view set = characters_of(form[i]);
    out += set[byte(i + 1) % set.size()];
  }
  return context.string(out);
}

Result<Value> private_key(EvalContext& context, Arguments args) {
  const std::string_view type = args[0].text();
  if (type == "ecdsa") {
    PENSTOCK_TRY(context.spend(100'000));
    const auto key = new_private_key(type);
    return key ? context.string(*key) : eval_error("the key cannot be made");
  }
  if (type.empty() || type == "rsa" || type == "dsa") {
    return eval_error("sprig.genPrivateKey makes \"ecdsa\" keys only: others take seconds, which "
                      "would stop the pipeline",
                      "make the key outside and give it to the pipeline as a secret");
  }
  return context.string("Unknown type " + std::string(type));
}

template <const char* kName>
Result<Value> refused(EvalContext&, Arguments) {
  return eval_error(std::string("sprig.") + kName +
                        " is not supported: a pipeline does not make certificates",
                    "make them outside and give them to the pipeline as secrets");
}
constexpr char kBuildCustomCert[] = "buildCustomCert", kGenCa[] = "genCA",
               kGenSelfSigned[] = "genSelfSignedCert", kGenSigned[] = "genSignedCert";

constexpr Purity kEach = Purity::kPerRecord;

constexpr Function kCrypto[] = {
    {.name = "sha1sum", .signatures = {"(text: string) -> string"},
     .about = "SHA-1 in hexadecimal.", .body = sha1sum,
     .examples = {{"sprig.sha1sum('hi')", "", R"("c22b5f9178342609428d6f51b2c5af4c0bde6a42")"},
                  {"sprig.sha1sum(1)", "", "", "sha1sum"}}},
    {.name = "sha256sum", .signatures = {"(text: string) -> string"},
     .about = "SHA-256 in hexadecimal.", .body = sha256sum,
     .examples = {{"sprig.trunc(8, sprig.sha256sum('hi'))", "", R"("8f434346")"},
                  {"len(sprig.sha256sum(''))", "", "64"}}},
    {.name = "adler32sum", .signatures = {"(text: string) -> string"},
     .about = "Adler-32 in decimal.", .body = adler32sum,
     .examples = {{"sprig.adler32sum('hi')", "", R"("20644050")"},
                  {"sprig.adler32sum('')", "", R"("1")"}}},
    {.name = "uuidv4", .signatures = {"() -> string"},
     .about = "A random UUID; repeatable where the run is seeded.", .purity = kEach, .body = uuidv4,
     .examples = {{"len(sprig.uuidv4())", "", "36"}, {"sprig.uuidv4(1)", "", "", "uuidv4"}}},
    {.name = "encryptAES", .signatures = {"(password: string, text: string) -> string"},
     .about = "AES-256 in CBC mode with a random start, in base64. It does not protect against "
              "changes.",
     .purity = kEach, .body = encrypt,
     .examples = {{"sprig.decryptAES('k', sprig.encryptAES('k', 'hi'))", "", R"("hi")"},
                  {"sprig.encryptAES('k', '')", "", R"("")"}}},
    {.name = "decryptAES", .signatures = {"(password: string, text: string) -> string"},
     .about = "What encryptAES encrypted.", .body = decrypt,
     .examples = {{"sprig.decryptAES('k', '')", "", R"("")"},
                  {"sprig.decryptAES('k', 'aGk=')", "", "", "encryptAES"}}},
    {.name = "derivePassword",
     .signatures = {"(counter: int, type: string, password: string, user: string, site: string) -> "
                    "string"},
     .about = "A password by the Master Password algorithm; slow on purpose.",
     .body = derive_password,
     .examples = {{"sprig.derivePassword(1, 'long', 'password', 'user', 'example.com')", "",
                   R"("ZedaFaxcZaso9*")"},
                  {"sprig.derivePassword(1, 'x', 'p', 'u', 's')", "",
                   R"("cannot find password template x")"}}},
    {.name = "genPrivateKey", .signatures = {"(type: string) -> string"},
     .about = "A new key in PEM: \"ecdsa\" (P-256). RSA and DSA keys are refused.", .purity = kEach,
     .body = private_key,
     .examples = {{"sprig.contains('EC PRIVATE KEY', sprig.genPrivateKey('ecdsa'))", "", "true"},
                  {"sprig.genPrivateKey('rsa')", "", "", "ecdsa"},
                  {"sprig.genPrivateKey('x')", "", R"("Unknown type x")"}}},
    {.name = "buildCustomCert", .signatures = {"(certificate: string, key: string) -> map"},
     .about = "Not supported: a pipeline does not make certificates.", .purity = kEach,
     .body = refused<kBuildCustomCert>,
     .examples = {{"sprig.buildCustomCert('', '')", "", "", "not supported"},
                  {"sprig.buildCustomCert()", "", "", "buildCustomCert"}}},
    {.name = "genCA", .signatures = {"(name: string, days: int) -> map"},
     .about = "Not supported: a pipeline does not make certificates.", .purity = kEach,
     .body = refused<kGenCa>,
     .examples = {{"sprig.genCA('x', 1)", "", "", "not supported"}, {"sprig.genCA()", "", "",
                                                                    "genCA"}}},
    {.name = "genSelfSignedCert",
     .signatures = {"(name: string, ips: any, names: any, days: int) -> map"},
     .about = "Not supported: a pipeline does not make certificates.", .purity = kEach,
     .body = refused<kGenSelfSigned>,
     .examples = {{"sprig.genSelfSignedCert('x', nil, nil, 1)", "", "", "not supported"},
                  {"sprig.genSelfSignedCert()", "", "", "genSelfSignedCert"}}},
    {.name = "genSignedCert",
     .signatures = {"(name: string, ips: any, names: any, days: int, authority: any) -> map"},
     .about = "Not supported: a pipeline does not make certificates.", .purity = kEach,
     .body = refused<kGenSigned>,
     .examples = {{"sprig.genSignedCert('x', nil, nil, 1, nil)", "", "", "not supported"},
                  {"sprig.genSignedCert()", "", "", "genSignedCert"}}},
};

}  // namespace

void add_sprig_crypto_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kCrypto);
}

}  // namespace penstock
