/**
 * The words that common passwords are made of: what people put a capital, a year and an exclamation mark to when they
 * are told to. Kept as stems, as a list of whole passwords that meet the other rules would be long and miss most.
 */
export const commonStems: ReadonlySet<string> = new Set(
  `
  abc abcd abcde abcdef abcdefg abcdefgh access account adidas admin administrator aaaa aaaaa aaaaaa alexander amanda
  america andrea andrew angel angela anthony apple april arsenal asdasd asdf asdfasdf asdfg asdfgh asdfghjk asdfghjkl
  ashley august austin autumn azerty bailey banana barcelona baseball basketball batman beautiful berlin bitcoin blink
  bonjour boston brandon buster butterfly camaro captain carlos casper changeme changeit changethis charlie chelsea
  chester chicago chocolate chris christ christmas coffee company compaq computer confidential cookie corona corvette
  cowboys crystal dallas daniel database david december default demo demouser dennis diamond dolphin donald dragon eagles
  easter elizabeth england enter facebook falcon family fender ferrari fieldbook firebird fishing florida flower
  football forever france freedom friday friend friends fuckyou gandalf gateway george germany ginger giraffe godzilla
  golden google gordon guest guitar hammer hannah hardcore harley harrypotter hello hellohello hockey homer hottie
  hunter iceman iloveu iloveyou india information internet invite ironman jackson january jasmine jasper jennifer
  jessica jesus jordan joseph joshua july june junior justin killer kingkong knight lakers letmein letmeinn linkedin
  liverpool login london lovely loveme lover lucky maggie manager manchester marina market martin marvel master matrix
  matthew maverick melissa mercedes merlin michael michelle microsoft midnight mickey minecraft mobile monday money
  monkey monster morgan mother mountain mustang myspace naruto natasha ncc newyork newpass newpassword nicholas nicole
  nintendo nirvana november october office oliver oracle orange pakistan panther parola pass passe passcode passphrase
  passw passwd password passwort passwrd patrick peanut pepper phoenix pokemon porsche postgres princess private purple
  pussy q qaz qazwsx qazwsxedc qwaszx qwe qweasd qweasdzxc qwer qwerasdf qwert qwerty qwertyu qwertyui qwertyuiop
  qwertz rabbit rachel raiders rainbow ranger realmadrid rebecca redsox richard robert root samantha samsung sales
  samuel saturday scooby scooter secret secretpassword secure security september server service shadow shannon silver
  slipknot snoopy soccer sophie sparky spiderman spring standard starwars steelers steven student sugar summer sunday
  sunshine super superman superstar support swordfish sysadmin system taylor teacher temp temporary tennis test tester
  testing testtest thomas thunder thursday tiger tigger tinkerbell toor toyota trustno tuesday trump turtle unknown user
  vanessa victoria victory vienna viking voyager wednesday welcome welcomeback whatever william willow windows winner
  winston winter wizard xbox xxx xxxxxx yamaha yankees yellow zaq zaqwsx zaqxsw zxc zxcvb zxcvbn zxcvbnm
  `
    .trim()
    .split(/\s+/),
)
