import './base.css';
import './controls.css';
import './money.css';
import './clusters.css';
import './environment.css';
import './narrow.css';
