/** A certificate for `shop.example` that has signed itself and is valid for a hundred years. Made for tests. */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBnTCCAUSgAwIBAgIUT3Wn7EpxUZg1XSZwhtFnCeTGz5kwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2hvcC5leGFtcGxlMCAXDTI2MTEyNjAzNTIwNloYDzIxMjYx
MTAyMDM1MjA2WjAXMRUwEwYDVQQDDAxzaG9wLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASpRwI/HF7OPA39N6eT+bIXrjVKsN59t+0aBaY76+gAhqCD
uo64l0Co/J0QIDrqqNg7V00yjC+KL5JQFoCHN8b4o2wwajAdBgNVHQ4EFgQUM+XM
yMA+ZUDzdwcFxYk4oQrWmO8wHwYDVR0jBBgwFoAUM+XMyMA+ZUDzdwcFxYk4oQrW
mO8wDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxzaG9wLmV4YW1wbGUwCgYI
KoZIzj0EAwIDRwAwRAIgQqfEW1ZiaUiOsUeoBHtTDuYucLRqlW6oTtUrVpOzpGEC
ICl/LaO9Vm/Yqz+ySzWir84njqi2NFDxFkuxKsDFCFsN
-----END CERTIFICATE-----
`;

export const testPrivateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo2L+KpW7MvmWaSK4
W8+q4200f03AKwU/ShalmbMNScWhRANCAASpRwI/HF7OPA39N6eT+bIXrjVKsN59
t+0aBaY76+gAhqCDuo64l0Co/J0QIDrqqNg7V00yjC+KL5JQFoCHN8b4
-----END PRIVATE KEY-----
`;

/** Of another certificate. */
export const otherPrivateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtiJv8thIBcIFVvWJ
Ss/ciNHgqvp+xeb4ztcRrTNdkBWhRANCAAQo6XrYX/6V7QPaxiQf6+Id2CrpONQk
NN4MVjthzxp98xO7/UnMq24qk1DnN9mE6ieeuUEleY0QVry2ugpomGGg
-----END PRIVATE KEY-----
`;
