#pragma once
/// \file
/// Signatures made by others: the examples of RFC 7515, RFC 7520 and RFC 8037, and pyca/cryptography 48 where those
/// have none. All values are base64url, except the message.

#include <array>

namespace keybearer::test {

struct SignatureVector {
    const char* name;
    const char* alg;
    const char* kty;
    const char* crv;
    const char* n;
    const char* e;
    const char* x;
    const char* y;
    const char* message;
    const char* signature;
    bool accepted;
};

// clang-format off
inline constexpr std::array<SignatureVector, 20> kSignatures{{
    {"RFC 7515 appendix A.2", "RS256", "RSA", "",
     "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
     "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca"
     "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb5"
     "4h4FRWyuXpoQ",
     "AQAB",
     "",
     "",
     "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"
     "nVlfQ",
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr"
     "7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x"
     "i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_Ioy"
     "pGlUPQGe77Rw", true},
    {"RFC 7515 appendix A.3", "ES256", "EC", "P-256",
     "",
     "",
     "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
     "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
     "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"
     "nVlfQ",
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q", true},
    {"RFC 7515 appendix A.4", "ES512", "EC", "P-521",
     "",
     "",
     "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
     "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
     "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
     "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJ"
     "ZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn", true},
    {"RFC 7520 section 4.1", "RS256", "RSA", "",
     "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqV"
     "wGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJls"
     "de3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkq"
     "gc5gHdrNP5zw",
     "AQAB",
     "",
     "",
     "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzL"
     "CBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmV"
     "ldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
     "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoB"
     "wA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0"
     "ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vj"
     "bU5y18kDquDg", true},
    {"RFC 7520 section 4.2", "PS384", "RSA", "",
     "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqV"
     "wGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJls"
     "de3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkq"
     "gc5gHdrNP5zw",
     "AQAB",
     "",
     "",
     "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzL"
     "CBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmV"
     "ldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
     "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPp"
     "cbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lf"
     "JT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifK"
     "o8DYM-X72Eaw", true},
    {"RFC 7520 section 4.3", "ES512", "EC", "P-521",
     "",
     "",
     "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
     "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1",
     "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzL"
     "CBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmV"
     "ldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
     "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMD"
     "xXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2", true},
    {"RFC 8037 appendix A.4", "EdDSA", "OKP", "Ed25519",
     "",
     "",
     "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
     "",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", true},
    {"pyca RS384", "RS384", "RSA", "",
     "nKaP1uC-n7UiOTr-ptpnjypJrE32CpGeYxqiv6qJA588FkTEzdiO-ieCq3HqxkTTp9slzamKlH67E3UnlHYfnyZZgjEidHJXhvve2VbPOFc49d"
     "Qnk4XyENWTxeK4UEbqOuQsigG4-krg5CWV07uMKzGFGApoQJe8pDN5G2gxruUteLaR3yCwhII4NdNCEj1q8bSl8tM_ewwbMA1oROiXaSB8Yuxv"
     "49FFSYW9kXHjdPl-CBISgGIUF5DGquSnMPXx0pVK-_j1yAqME6Eci45xTLW7XYmRil4D41kZcpHzQ4_hNtFtmwSuR_fu9lFWn6WxeXqkij-4l8"
     "7ZpH7xmg56ZQ",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "R5xKGulRhyloLb5JdF_sFhvsecen4uD--yhH1P1_ZE9aM22Ypl71zSuwvLcZGLz8WMI9vB_XS75umnr6uWLTMe4LRmxo1qntbgQ-VZ_dsiXKSD"
     "ounxZn7ThFUWSr8Ausm163tJa0OC9U9wwY6Q-I2GIWUrgQKuNcYOr-Io8nzGaUToTCwmHnpvzUMql9dQDLvpuFri2xFZ-jBz5_8ljr5nOUg4fz"
     "LrFoI8OU6V-6wweTiikmVa4rWzyxXo_TXmLE0XuroBf3I9cTz9YEQurq59JOOcrQqyJ9blFQxyVbCq4l0PFL0o9ECa5ZTQgwVcKwpqc-PVRYyw"
     "-EJlnG_4-CIw", true},
    {"pyca RS512", "RS512", "RSA", "",
     "nKaP1uC-n7UiOTr-ptpnjypJrE32CpGeYxqiv6qJA588FkTEzdiO-ieCq3HqxkTTp9slzamKlH67E3UnlHYfnyZZgjEidHJXhvve2VbPOFc49d"
     "Qnk4XyENWTxeK4UEbqOuQsigG4-krg5CWV07uMKzGFGApoQJe8pDN5G2gxruUteLaR3yCwhII4NdNCEj1q8bSl8tM_ewwbMA1oROiXaSB8Yuxv"
     "49FFSYW9kXHjdPl-CBISgGIUF5DGquSnMPXx0pVK-_j1yAqME6Eci45xTLW7XYmRil4D41kZcpHzQ4_hNtFtmwSuR_fu9lFWn6WxeXqkij-4l8"
     "7ZpH7xmg56ZQ",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "bslwH2Vnuezb4Naj8WBy_ukzQ4a72JEa_FVIrTxHMYx8C7v5mEDQxROlFy7UOzLCtVxnsyN6z6WWa0w-M7Yj8SAlnduB5Kct9h7XjbiqpnNnH8"
     "VeJiC_5oAhflt7g4R0CWDL-JkMyhpohnIZAVEjKD2PoEa9XLUFMCprBSJQvHTDF4-CcngyVDTpsUxh355HUhoZT_Y4lnM5lXWMtuWOT9E79BfD"
     "UX4TWHQZVwiAwbCuXigv67PPN5TBgMIFBS5QoKsXMHbB-SgcCm8iTwHpGJVq6QeW7lOavW09YJRmZErnon5rteGWYqMBaylC95DwuEHqbnlFpT"
     "Mw-bPfrg4igw", true},
    {"pyca PS256", "PS256", "RSA", "",
     "nKaP1uC-n7UiOTr-ptpnjypJrE32CpGeYxqiv6qJA588FkTEzdiO-ieCq3HqxkTTp9slzamKlH67E3UnlHYfnyZZgjEidHJXhvve2VbPOFc49d"
     "Qnk4XyENWTxeK4UEbqOuQsigG4-krg5CWV07uMKzGFGApoQJe8pDN5G2gxruUteLaR3yCwhII4NdNCEj1q8bSl8tM_ewwbMA1oROiXaSB8Yuxv"
     "49FFSYW9kXHjdPl-CBISgGIUF5DGquSnMPXx0pVK-_j1yAqME6Eci45xTLW7XYmRil4D41kZcpHzQ4_hNtFtmwSuR_fu9lFWn6WxeXqkij-4l8"
     "7ZpH7xmg56ZQ",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "X0aNrhyEWGrwPSMgvOe3HM-jQ6K6N0vueKXh137fDWQZeLI91XmhWEc3lD3Vv36cPkcnTHiod6KPEIBA3wvtSu54VFho71fKEUm7BBG4c35cRz"
     "B85IU_mTh30-AMGSfAwCBt654aQbhl0i9oDidgxpWBYQAHhDfddEVnyAypYcaACgPJKzkiLmuZ37QNJQ9v2G4CbC00mofgd8VlWl1TiX4mKpvt"
     "dlsuHhz-AqvMbEYW0LDCKlmF43ZUzeLQ9WSnZBBo33d87mgVo_EkSl1XihoZVTmXwa9gKvGb14qzr83qB9UavgQtz05FHL5qI4Bp-MoKLyoS9N"
     "pPytEgnC4U_A", true},
    {"pyca PS512", "PS512", "RSA", "",
     "nKaP1uC-n7UiOTr-ptpnjypJrE32CpGeYxqiv6qJA588FkTEzdiO-ieCq3HqxkTTp9slzamKlH67E3UnlHYfnyZZgjEidHJXhvve2VbPOFc49d"
     "Qnk4XyENWTxeK4UEbqOuQsigG4-krg5CWV07uMKzGFGApoQJe8pDN5G2gxruUteLaR3yCwhII4NdNCEj1q8bSl8tM_ewwbMA1oROiXaSB8Yuxv"
     "49FFSYW9kXHjdPl-CBISgGIUF5DGquSnMPXx0pVK-_j1yAqME6Eci45xTLW7XYmRil4D41kZcpHzQ4_hNtFtmwSuR_fu9lFWn6WxeXqkij-4l8"
     "7ZpH7xmg56ZQ",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "D0wuDfVV_drN0KXRNDuZpQVtcFP58mINTaxl5kJORJjymWVGFx3Ow8CygbyzhEpjH-XVptK9X2hXelZHlUlR7BgekneZtX3TQ3vzz-RHjed0FH"
     "Qo9wwJRULo7XZUhMQcWKgVUVN4GecXZEAivnbvOFdNumt7uORHJh5Q9OVyG7Ibz9XgW8elVDvV4G2jkzP9v-uwfPpBxfXUzw6CA9-AKQoFFaia"
     "Zz7xorR8ezNn_26cq8rn9umy9CN_Z_VDEWtJ9RuuIl-gW2F7GJiGIP3uqwIk4bTEZpAssLvnu1AjwZmF33x4s-WZCWWMem231-bLXubB4M83l-"
     "1r3XPbx0pJ2Q", true},
    {"pyca PS256 with a salt of 20 bytes", "PS256", "RSA", "",
     "nKaP1uC-n7UiOTr-ptpnjypJrE32CpGeYxqiv6qJA588FkTEzdiO-ieCq3HqxkTTp9slzamKlH67E3UnlHYfnyZZgjEidHJXhvve2VbPOFc49d"
     "Qnk4XyENWTxeK4UEbqOuQsigG4-krg5CWV07uMKzGFGApoQJe8pDN5G2gxruUteLaR3yCwhII4NdNCEj1q8bSl8tM_ewwbMA1oROiXaSB8Yuxv"
     "49FFSYW9kXHjdPl-CBISgGIUF5DGquSnMPXx0pVK-_j1yAqME6Eci45xTLW7XYmRil4D41kZcpHzQ4_hNtFtmwSuR_fu9lFWn6WxeXqkij-4l8"
     "7ZpH7xmg56ZQ",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "awnpH2nKyiWCHc87801j8qnx0sLZzOQU8Qv1H0LqwKgBe3ZVq90BYMRbdpwGqU9Il1tzv1s0ctJQuHCBxpyD7swcXzfCWnxsrE-eABSC1gsaFB"
     "6OKmCXGZtGQe30i82h2juao62nzBJOZ4gWQWu-ZqG6wSHsmrm--P8B5UXPQdGUu7YCHc5FAMFPSWEaHyVzfI2vZwJH293CFv9MK1uuBFgaLPm3"
     "thcfzSMk7YZo1-gyjr9PIRedGBN3TDNiS-AmUmAWs_PPo5MPU6jF6LJVd51QpO4SFe2iaeFDmrZaOAP2kVwf4UePPpvbr86WXcqrQjb0xe2BsR"
     "bCM9xp84NMnQ", false},
    {"pyca ES384", "ES384", "EC", "P-384",
     "",
     "",
     "4xSoS6bv6fO6pH7ozEU0C-OEhJ48lfb8Kt9kC5sc86UCnQSBLTus_pZ94iCC28U0",
     "JGYvs0gLz4bIBXgXVCH-obBCzGRcJtJixdxSWXBaRsV62cxD8XH971p1ET1H37Ta",
     "signed by pyca/cryptography",
     "yWhkDKYY4P4qwMPMSVWLoxwFR_kuZv_vh-gb4bXkkqXihv82wo0DDMKBkiSOL0o89n9hTky3bPskOy0JVhH04ixbQqjl495NrNQyjCi_Qq8409"
     "MgUYR2QcOLgx-u3BbE", true},
    {"pyca RS256 with 1024 bits", "RS256", "RSA", "",
     "19A3C4t5m1_AFFI0-Fnn1a1U_8_mU1UZQyW2vXNN_utJsstGuNIAgWGs99plVrdvYdf14un5wEixhBAa-qPJo_AGptCvbLoOqYNH69wahXhtDI"
     "BpOIgm9s0Tby5FYCnqfIeUYmJARIRnAW8yoDH9kZoYoNdngeU2DUS6xiR-eps",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "OZWgpW2njj5aOYybzlNsxwC2TsNhKWR4cUBVaFs2TFwZLF2V1F2OYhi7qG_KG7mo6xtt2h1QAy_wsXYA5B_edVJNcAcKxnGitUlAbk5LPLNev7"
     "C3eXCOnT41W8jH_Pq0J2JZ8RBruDQfyeXNyBnG6qIenZrQ6U7uohJiwcXUXII", false},
    {"pyca RS256 with 2040 bits", "RS256", "RSA", "",
     "wT3C4gQW69QqAPte4TciBXM0vMX2-QsbjcLEvORZvFv6KmF3DgMNZDs9ukLeQr90KkmwodcmE-_vuzWAJBxv3FQvXHdgCUfQdtWrZl1LClJ7Gv"
     "e5dNNYiJf-SeQxbPNGsWcxKREH_K7-3wMhKYoWqaGeDBgM2-IxKTzQjtNH0F9pCtjXu-ZnfRq4yD8632hAzlwsBzmb3ZPyFLGLoxaE4I9T0P9h"
     "mVEBE5YtHT15T9xJvtsrP6U9nSURwVaAPhje1n8XTr4MXptzGzalM-gGmVO2F_6nlGC0n5qTdbwXhzPuv-9ArK1zdj06xbk7IUVECoS0vVRlmE"
     "gQBaFyNLnb",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "uxedAbSei0Kh10h5289lNiJ8IpmHGAQwdguLG3YRDq6ON2bFgqnP8EmBZJdpflU2XRPrANOaILnUG1al3SWDKb7yIWrs4KdNoIlyN65ixx2lf4"
     "4YSVTPkSPm6eHSOt5SfEwd3VNrl2Fl2i9j27kcekTCp8tFhkcJoYDKfLndxhZJngvjsZCaRIK6nhXmrJRYgzKkQ5EqR7ciA8O5cgxPOPPSoX82"
     "fo25zfGpxZBWXpuzQSMS0HxC6ldM22vr2_poz4tiAKlKKpWAGbMMMUcQhQPxExN27-zCEiXkyzaim08HOw70HrvZlrDyapuw073LQkfu0GtRtU"
     "dP_edG5enU", false},
    {"pyca RS256 with 8192 bits", "RS256", "RSA", "",
     "j0QZ5X7miCgHibScHdC32LaudhlI0fSRlOd1sZ0hhnZXh_vrOErONG5BkVcuallXcNf-A-zzCL9VPQRFhA8j3je1a2YX2LalJZTXeawW9Luih_"
     "aN637dl8V4Qlo73MI4WfSv9zaKbFCVZe3mWJNDgha7JI5BoVSRFK1ETV7SlrtwB4AyDjh1xhZaIiEhQWyZeviPYegfPKKfXXBXHbMSDy0Gh-QV"
     "l2HcM4bZErJiYhmav3wl91dRv3VYuywEKFznfJ8j-ztsJO9k_shrj_0k8Rq4U-Dx2VX3DPInZ8F54zlzCchN7JPbccitDTju4UhRx7fKnfMKtL"
     "H5fCr2TfPp_HczScc8KF7jVb1X2i4obiEeyWGZMh2DmQ3wtFcefhNIkoAiRgniIsqZWbbkNd4KGIFYTq4DFk0VMHY0MYuBCaIIJcOXok8Thg2T"
     "anf8JRjlL6v5RdMCWJtdtF6rWB4ffl9v8Oomq_3hRGJ-FLnFPZshheaMTRYEL6l9BfXkdaK1kEAjBvPIIsEZsBmmDZ710UdiqZde0V0D7eTVqJ"
     "oSw2FbngCJrdgp9PwE6iiSLEpz2QDPUz2yD3NEPoiDlD6BJswtDOj73qUXt2Ta1_0b7tI1Kd2OHw39ksK5G5ua40zidi1KMZGCkf5HOUtYAkWv"
     "8v7rY7j4BJVUOeblS6m2NoymTC2g8tQ0_jLa3HIcEs4pk34F9Z22MpwHD--5rM2Pkk8IIoyNtmfb7zDhxOHRaB2j9ghrpwzIf7ilkfHJgFckG1"
     "M5wGEALx9cxY42z3YAywWD30Hk9r4_mSOnWZYmyb1fIUz5Wvc_V0_-nt9PxEjlV7LFA6VzDCkRApsYZkDm6VkTaH0ZN2bHXjBvPHeKVKGmetjs"
     "EStM_fi_ZaOmypbTtGdsDcvaQJ1Vz_brJbcsXchEehXfNJ7TwP-c0Zj04L6lpdKw_EevKYFixvcaC_E4ayUuyvJAFsuw5uDJmdhZYk8YkAotzZ"
     "33-FUfAFlicRF_oThjllMgh1PyQ2CbdJ-X7fMFOkAdAbQzqsBjwTkdNHf_FpeApK-JjiMmZ6r9x7589XoppsZJCloE5PXXJLsxdyNAjlDZDLOm"
     "jRnKUYLZNQmPNdfwZY8HU148AccZmWIWBLZJ_7cJp8B3c86bRZZKxwpGXLlGq2IXL6402vvi0d6vXAEAgckXwB2SRpnDKEtCjz1pK0_JBiHg72"
     "-YpNboRu2Srq2fWyDWT7aaMe4lHoNefTW6L15W5UivsimZv9eZM6Dceku75qvm7Bmxg6Lvokzu4MJ_jFtpECi7-7nRxMZ1acangifoTgUjKb3A"
     "Cc1Z5k0WIVdIE1vCPT2G01yPQJdRXMfkHtWS2KeQVOutlQ",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "IqYU09AYhyNuJ_JXGBFZI7D6vgqBwtHAdC5WxDm2ZjxmeY13_IqRSB6C-U3Dd1tsNc2gARyDOrtBOMSnhff0VSuJnqz_aW9RWSZJCmJFnN7Lmg"
     "Nl9hYhg0YlJJ_-L5A-YkIJW0P9R8C8tLoHStyq1c5S-vcPI9MVNnATjnhySxbquzznLa_Waj0VIJOOSUY4I0cZETYYGgnA6D4AjigYHxVd6NgJ"
     "PPATVTp89t-WGtlgyues72dDpYXjZ2pgLCPaXg7lzBKKwMLaLINQNRuW4SVJ6PeGzS3TPYpR54B5U4WLVt4FDmtOEtpT9zJggpj9S7h_LNUTBD"
     "FkRKKjPUDzv8T5MRwhw-xbFkY4DSOjHwQmQxPDunRn9rQJogbvB2oUUCbbG3FP2dPJ-EtuSsbcPOSYYwmgR9XkCTSpwTVtJqF5aBvljvQh_qPX"
     "4HeTf9S4qziSY28K8HdBnRvMK9zq5Z8KoIhSQaN-yCYPliRyp3cvbQTKEl9IjrGtbKlGglPhneISYWqTqyba-dId9dc7uqawDsGGPxpGEQVAhH"
     "oNUyXJsDxKs13dx1VLTrZYGHG_28XqRcBG4xham4kMrMb4SU1nS2Cb993i-JeZZ_EKmrXbktGPIbsymvcFVmnqDSZojyxDt9KfT6KTvEXeS5ys"
     "EFf2nFndiFd3ULmsmmNNLuUS8XlGbln9Z18IiSUCdE8KJbQvVLL8pVZHk19Yus8Zi2BW5RggFAAJlk0rMvF-bDHkqQEBj6GaDKwnLrBIBGlCWT"
     "YdnhH1dEJ6JCxcYSPuzfd3qCvNrNbOs6IZlcdYUuDTBKKdWsjsWHmuq24EyocpTDDEd2eD1R45FuOBxxgkeFrIriJRGDAmnI26qVnykVx8hkUE"
     "1c_68HBQDeHBMCCSdQmYV1X8UlK1Am9PX1bI9-FwcpFtGTQuUT6_MeHOAEKvht_ftW-OfQFFkwjYqemOaTzHvTKi3nkwx91bP31C5xVURHcLUf"
     "MKw_96TolDwgd-Zw_yYyREDldYIXKM8GeIcvr6wsIYinBmm_E2FhVTkbuNboJF7Hc049cED0pl_GEOJIwtSsXUyrgoQNz62cOcAJGZHqgX8Wzi"
     "2PKYACVoOSUYWSFlDmGPTye8IFs4zGil6g2bJtQuf3qBLZ3QpDOnQFXIgOXEagNE5c7HG3ODxesHxswi4C8FSk38Tmwp8dMIWT10_OB23mXRWu"
     "hE3x17DupTMrPRnbt3AbIwpln6G-tlXCqGlJtUbFSqauxRBKT8bfWq_mv6doJ7eMMZpEz9S2-tGyAVjaUAIJ9Q5j2I0FAeNVRFO3ezxOYjbD2s"
     "lzaz_v9Xq0ocPZUTrVkqGqpD4IfOmlWWpQqBMIDRJ9RXCA", true},
    {"pyca RS256 with 8200 bits", "RS256", "RSA", "",
     "p16H-LmHFfZDuDwXCYkQU9K6TVKpw6NHb0_F32AfRcvCkpgBbXC8V2m8EXotkD7wO1TOkWaVjiKlSlLB7svJvcoD8z9zhKZv7GpFiBwSf9KgXQ"
     "4raf9AS9WDTq1XmrLz19XayFmDq5BxpphiWqtaGQqGNFMbGENpEfiyfowQIZDlsOuGSauBkWGLp7VPodD52mjcgpQUe1F4KlzHmeZ4csMYSHtX"
     "kGiwcN0r49ma525eBdXqKZUiQZ7IRb9YTlC90iIDUEu6uw-V882ggmP2_29Kxs2amGX63tdSrPb3qBBmHQvbqPDt5S3y7Na4lx2Lf2fcG_OBay"
     "XKBoVS8g2pp7QFTNYaB-YQutnm0t8rtnYe9foCfnfyiiYZbebTW7ffaiXDkBROg1WsXx7Za9f8vrIOmp5V4veVtwweQZZr9j4tHrV22qxQT8k5"
     "iVjZ2vh2S9aqWONSKCk-Jl2wTAvWtYEABD-O2XjlrZLvCbgljaUKvCVmz1JTuU1stQ5pAo2h0PDSMwKwPWj1_P5gAFpqOsLP8NXieeTyoRAz8d"
     "AWptYeQgvzaLqg4CsGJTy7buKo4cpfFnd2MdvIxJ4-BMubQ-9eIz6-mhpEaB6HSZI7FIe4vDcfmq3NM4ipliRo5AK7nN7EKMLBi_R4ZhYTf5X_"
     "aG2jlDuEAX_5EzuEgu_YzLiH11FXUMWJVcCS5FaNPGvg7wXLO8y2_GremhQr-qrnVjJ1WRX5P0rehllvetWw55xa_YO1d7O5XIWgH_8gI8rzhv"
     "AvQFEpE6SoeL25vuYgJsueu3PJ0dydzDbDQuQVrw0t3djPji8A7HQhdpq9Vnc4eIuQqM05XjkUsOgEonxPlqhfC37Xbf5WrbNRpska0XPmJbCv"
     "fNYNK92WgMoTtckJb9pblaMSndm46o_Lgs8AhFy7Fi3VOmunMiTSFcMVf6QoilaYV0N1-kj-xhiqWqT9zIaOciOSTjJuPMCJKpUZHq4yPb5sDd"
     "gYWypGm9Wdze8G7vapdA_2ryxnPN8h3kNMODRUdaveCJQwPaJkedgB7Utdn5ojfd7NNTYMwSgcV6qqhG-N_KQ3fTkPJ0MZdOYUMdCWNCCXd_IV"
     "sopUuXIQ86BcP9GkY8gIHfnbzxHiopAaB1Do39coO91mhejR1q6qO5JBBNbajGvohtHus7VJ4HRh8sADvy7eYXZtJs8kIvIwP6olXBnOUtLEdQ"
     "5GFVBN-I7B9DqTSEibcJ0WHuxX6BviyA85OT6pIJtwNvmN7wSgndusSBiAfXFDQEEBaFqLgAcXk0MxVS8VZGo7nQ-URLxv_Cf_O5D4BfLJVG7U"
     "iTRa23YSRG1bn3asCyLx-_VOokvTJrkdYRU5ZBvOWrMQEyU",
     "AQAB",
     "",
     "",
     "signed by pyca/cryptography",
     "D6s444a0hRFBBoAXdQBXagi5IppM6nyEo0F-imTU_yveo-hqjS3FHvIhyA2JwTiBIHhMn9_YPr1Jnc2qiuHoWEd1nq16u-iqotKGCY6T8uaZBT"
     "rXyKj2E0ZUmjihTzZvEKhjKSTfChk9RC2aiiUuoODOxNQvAcBRG3t_ITCRPC9hcsdxWGSkUBXHwL8ll9Jt_AuocromRJmBuxYzbefMIdbL1eRI"
     "p2afaT_SgMR6bdlNQoAJcnmRxyMJqEQkA7d_zqkpFYC2lqTgtnm5g3Zvj5MvjM_x5oe9J8a9qUnBa9F0z5XE4Xuaea0kXYl5vNmeKLYDmzWCA5"
     "XsEhozuwI3oQx-I24Hr4qr5lxi20ELpsghgy3zXWEjdCRtmgrtxF1F3a7vwxQzjUC5afmzmbKVF9W1Wp7EwHqdhmLq9SrjkJHZNZdiochoUkCU"
     "7r20rFG3xl-zexa_SHOQmdVs_JSfgdkvAQlNbZT7SR9y7B3V3HMe7PmrJRcIL9gT4QUHV4oz03z3yc4Bx8JnrEi71NU3BOPaHm3lwgGUELP_AG"
     "_UAL4nkrB8B7I_YbnT4DW8Cr5vhsKJkuNH0-aZgOvIb8-UbB7PZQHrefm5U8n5ZooJOVcg600BYyyAxx2O4f4ZRmpzx78uGFPO5sL5-xeR98V6"
     "MSq9nfzYNdyHMU1M0Fj5Fwk6EO6GRKuRB4PfOaISkxrR0Vx7hJtYOOcMdPjs9uGLPJLiWyiiTXpWasoLMPBpSNmWESE0V-FYJv43ZSDUbkVfUy"
     "wBHHFG7h78lx6t8HLNV501UOFRnC8rZw2AtsdBE89iZrOBnsStfKo6MRygQz8w6oPj0zG8tT6Un8lFu3LfVCW8RrO4Oy1e_QeXvIDnyk1DCVte"
     "lP00rAvv4xbKsnSTsLUNrWO9fzC-fZ0QMHm7Ee4SCH_Zc_NUCblJ1DhfO2HFOgfAK8udBPJUZXFi6W0Mj3Vyr_92ga3zcqhR87Ba3iKW8Cip7K"
     "Bt2YtqfKrMk9qSMS-36-wMdknJi-W4k31ePHACHw8V4c5Mp2asQ5o2g2-ERnT2Z02qTTj2IC-xVwXKqS7DM7Z5-7rky8rBDWhO3z3voTWDnBdu"
     "MzY1ZasTiMJknlDStZHp7YYh6NhBdWRXTdwFPSwPJ5hc-e-TJZa4HvrbNdD6SyjqgwS7WbonO7BBqsZTy-N6IJgkxTz6QsgTzUB1dVZpb-OUF5"
     "zB66jPW-8HaxUR2C_5BnOvrlJoYJTeR-Q5uHWIlv5v7-EdPfl5O40ac5myXxBQcQqg1n_YLumNWV1PIJqEgoG7USNOdTdGguZQDLe0i1jXUY21"
     "FDhnhHrbHBLovMJtUWsHpOoicqF6Rg1wd43W0lrudPwOOfU", false},
    {"pyca RS256 with exponent 3", "RS256", "RSA", "",
     "siH3RwcTJsKqtqg2kFl7mfsM72F-lmHzsH6kBwSmt5RGNRJZFUPOvMTTTTSsk5kcOg3KR3BGgUSQHhsstOaYG8WP1dD-v6vbkxohNf_gqr_nVR"
     "dMC5J6qceUqlWCvI7WaSrD8vfV-GpsuVUHG3h8uYphx8CNBCkvghVOtI5f0_OVPWy56lSlYsBbtQ_RftQBAhy9ZeYF6IwD7tPuR8gSj9Ycayzg"
     "zTnKy66GJ_ttnhEaLSYNOzNQgp7jGhFV74uA9b8aCmiLNrxOJrmxIz7g44jy8BiSGNzVkBnUUcaE-j5iPR0Enu3MXa0O3NItbEOG9R-9OB1gUf"
     "EWg8uoC0OmNw",
     "Aw",
     "",
     "",
     "signed by pyca/cryptography",
     "N9Hz3BOXgIdx0YA9ldhMacmxTTy-IGR-xiX3Rgln41Uatw7y5oKlgU_ogCc3SkcQkrasccRyG2TXY46NulhM8T7u1ghF0NDIbUaMviWxF12Zyy"
     "CtoKnIKGMyEh6PuY7Z1BqBNLb0XnV9f2YQoNmtF_x8uQndrdYQkB8TmY9G29ORnBupzXPVNG5b1Masm73wawAGWvm-59Y2YW6ZTKeH4D3mP9iE"
     "Qav03RnCeMxO3h7I_4d-vT-nAyE9HGkUeB5CltLZQQEb4LYAMrd9sq8hJ4hBc3irOat8tM4bto41H0uwPxFd6-mo2uYHeiWf1LlMXWDi9r6FD2"
     "co3xYZY0tW7A", true},
    {"right signature under exponent 1", "RS256", "RSA", "",
     "nKaP1uC-n7UiOTr-ptpnjypJrE32CpGeYxqiv6qJA588FkTEzdiO-ieCq3HqxkTTp9slzamKlH67E3UnlHYfnyZZgjEidHJXhvve2VbPOFc49d"
     "Qnk4XyENWTxeK4UEbqOuQsigG4-krg5CWV07uMKzGFGApoQJe8pDN5G2gxruUteLaR3yCwhII4NdNCEj1q8bSl8tM_ewwbMA1oROiXaSB8Yuxv"
     "49FFSYW9kXHjdPl-CBISgGIUF5DGquSnMPXx0pVK-_j1yAqME6Eci45xTLW7XYmRil4D41kZcpHzQ4_hNtFtmwSuR_fu9lFWn6WxeXqkij-4l8"
     "7ZpH7xmg56ZQ",
     "AQ",
     "",
     "",
     "signed by pyca/cryptography",
     "AAH___________________________________________________________________________________________________________"
     "______________________________________________________________________________________________________________"
     "____________________________________________________ADAxMA0GCWCGSAFlAwQCAQUABCB5Xbr06IpgqDm2jQpRTu2fwbOv_5fUDj"
     "n_6QWQR_68_w", false},
    {"right signature under exponent 2", "RS256", "RSA", "",
     "w1ZOXmQmoBVR86DLwqlVezFV-81FpjUuQF3-RB5Zb0x7NAHyV0xxUpYC5d2EQiaczyGNSrL_SAZBPpZybNmShKU7yvsEVgWx12uuUbmP7oy5W7"
     "H6rKV_V2t01e-YrnFNbY1L6CvdlA_rtsoyYh1lLKN10I4t86p95KtOz0C8oOOHzduscO_kKuO0pKM8l3ud-T_Hg_16yA44H08LKdNCjaVJtbKY"
     "wy_f1Mp_Z6jeSmtFX7LSapkXmcBsZGuo5LYMhyGZXoBx9hDTfOM4BBSRzzWwe8aX29ol9BHRg3217-b7ecjPMJj4oZAfaXNlPu-6zeMoSyKgYK"
     "_B17H3U4Y3vQ",
     "Ag",
     "",
     "",
     "signed by pyca/cryptography 2",
     "FUrWAzTtPpgjsJdwYapPYZA4Ptm3e3mfdh9NRDdWVL3EdUdbUVtnxxv5WD86g47BeEL2-nTQW-pK1MgLlZO3Dx7bIkJnx4kSOg6HtTP2B0rII_"
     "Y0l0sTjhszrJ0Wj2IOWWq_GqiK9svM_UK09XIi-N3smI66l0Yy90zEZItjgqcIWZiyBbJo7SnSowaekmiUx2iLoZ7mAQppObBb5h7qkvgW5cQa"
     "_JceaG1SvcKIxWcpTXIzRPvmkNameViXdYbFl9UK0PfdFITla_E1xF2vHtzuvXNQIaeyMI-PHXQ67xDPGGsvdsA_qDtI9jChzJ4Xxk6VneP3b5"
     "DtMbbXn8hGVw", false},
}};
// clang-format on

} // namespace keybearer::test
