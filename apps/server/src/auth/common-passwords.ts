/** The most used passwords of eight characters and more in published leaks; compared in lower case. */
const COMMON = new Set(
  `password password1 password12 password123 password1234 password! passw0rd p@ssw0rd p@ssword 12345678 123456789 1234567890
  0123456789 87654321 987654321 0987654321 11111111 00000000 88888888 99999999 12341234 11223344 123123123 1qaz2wsx qwertyui
  qwertyuiop qwerty123 qwerty12 qwerty1234 1q2w3e4r 1q2w3e4r5t q1w2e3r4 zaq12wsx asdfghjk asdfghjkl zxcvbnm1 iloveyou
  iloveyou1 sunshine princess football baseball superman starwars trustno1 welcome1 welcome123 letmein1 whatever michelle
  jennifer computer internet corvette abcd1234 abc12345 abcdefgh a1b2c3d4 aa123456 admin123 administrator changeme
  qazwsxedc asdf1234 qwer1234 qweasdzxc monkey123 dragon123 master123 charlie1 liverpool jordan23 samantha secret123
  147258369 789456123 741852963 159753456 dearbook qwe123456 123qweasd 1234qwer 12qwaszx q1w2e3r4t5 love1234 test1234
  pokemon1 michael1 shadow123 killer123 hello123 freedom1 passwort passwort1 hallo123 ahslkuse`.split(/\s+/),
);

export const isCommonPassword = (password: string, name: string): boolean =>
  COMMON.has(password.toLowerCase()) || new Set(password).size === 1 || password.toLowerCase() === name.toLowerCase();
