"""The throw-away key and the published vectors of EdgeAuth (cdn-vendors §21.4). Never use the key elsewhere."""

KEY = "52616e646f6d206b6579206f6e6c7920666f722074657374732e2e2e21212121"
NOW, UNTIL = 1800000000.0, 1893456000.0

E1 = (
    "st=1700000000~exp=1893456000~acl=/media/*"
    "~hmac=938476222d9c2b7b43b9ba8fe22af243d0375c70b8e637c2dc783ef0764be326"
)
E2 = (
    "st=1700000000~exp=1893456000~acl=/media/a.jpg!/media/hls/*"
    "~hmac=7b1ac5ebd1dad207cc972ef81e3461eddbeef834ad9f4a2bd8c485e417e794c2"
)
E3 = "exp=1893456000~hmac=55613f9a51dfe9d07c88c23b925ed02af7ed31d0a301ac5049f0659ab2b63656"
E4 = (
    "ip=192.0.2.7~st=1700000000~exp=1700000600~acl=/media/*~id=user-42~data=plan=gold"
    "~hmac=3111f01918b393cbc59deee4c8923b0e4d1fa0f0"
)
E5 = (
    "st=1700000000~exp=1893456000~id=u~1~data=a+b%2f%c3%bc"
    "~hmac=4c60999a844320115a90d807223c45751d36dc2a83e6d94db9f22942bb497428"
)
E6 = "st=1700000000~exp=1893456000~acl=/*~hmac=326a099f19d4651a846dea5f6d98108b"
E7 = (
    "st=1500000000~exp=1577836800~acl=/media/*"
    "~hmac=7c45d25a9323e9757d7a7325a7df02ec66ead7a46edb1949a459b5334f513b22"
)
E8 = (
    "st=1893456000~exp=1893459600~acl=/media/*"
    "~hmac=32d1c7d62777643a6687f11b6b1a73ea29dd205d38cc9542420dac980d6f0d6e"
)
E9 = "st=1700000000~exp=1893456000~hmac=96ef64775fea215069bc8bb2af8f7a595beea3c75d17b4da01567da597f196f1"
