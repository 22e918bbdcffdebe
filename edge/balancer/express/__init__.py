"""The balancer's express lane: plain questions whose answers come at once and are taken in whole."""
